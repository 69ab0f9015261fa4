"""The four roles, in order of reach. They are Django groups with these names."""

from django.db import models


class Role(models.TextChoices):
    VIEWER = "Viewer", "Viewer"
    OPERATOR = "Operator", "Operator"
    DEVELOPER = "Developer", "Developer"
    ADMIN = "Admin", "Admin"


ORDER: dict[str, int] = {role.value: rank for rank, role in enumerate(Role)}
ADMIN_RANK = ORDER[Role.ADMIN]
