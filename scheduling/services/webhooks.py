"""The token that lets other systems start an automation: shown once, kept as a digest.

256 random bits need no slow hash. Its form is that of access tokens, so that logs mask it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

from django.db import transaction
from django.utils import timezone

from common import audit
from common.access import require
from common.actors import Actor
from common.errors import Conflict
from scheduling.models import Automation

NOBODY = hashlib.sha256(secrets.token_bytes(32)).hexdigest()


def new_webhook(automation: Automation, *, actor: Actor) -> str:
    """Make the token that starts it, in place of a former one; nobody can show it again.

    Raises NotAllowed, Conflict when the automation was deleted meanwhile.
    """
    require(actor, "scheduling.automation.edit", automation)
    prefix = f"bop_{secrets.token_hex(4)}"
    token = f"{prefix}_{secrets.token_urlsafe(32)}"
    former = automation.webhook_prefix
    _write(automation, actor, "scheduling.automation.webhook_made", former, prefix, _digest(token))
    return token


def revoke_webhook(automation: Automation, *, actor: Actor) -> Automation:
    """End the token. Raises NotAllowed, Conflict when there is none."""
    require(actor, "scheduling.automation.edit", automation)
    former = automation.webhook_prefix
    if not former:
        raise Conflict("This automation has no webhook.", hint="There is nothing to revoke.")
    _write(automation, actor, "scheduling.automation.webhook_revoked", former, "", "")
    return automation


def _write(
    automation: Automation, actor: Actor, action: str, former: str, prefix: str, digest: str
) -> None:
    now = timezone.now()
    values = {
        "webhook_prefix": prefix,
        "webhook_hash": digest,
        "webhook_set_at": now if digest else None,
    }
    with transaction.atomic():
        rows = Automation.objects.filter(pk=automation.pk, webhook_prefix=former)
        if not rows.update(**values, changed_at=now):
            raise Conflict("Somebody else changed the automation first.", hint="Reload the page.")
        audit.record(
            actor, action, automation, before={"webhook": former}, after={"webhook": prefix}
        )
    for name, value in values.items():
        setattr(automation, name, value)


def fits(automation: Automation | None, token: str) -> bool:
    """Whether this is its token; takes as long for an automation that is not there."""
    kept = (automation.webhook_hash if automation is not None else "") or NOBODY
    return hmac.compare_digest(kept, _digest(token))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
