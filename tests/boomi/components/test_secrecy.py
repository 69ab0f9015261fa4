"""No secret of a document is stored, and nothing else of it changes."""

import re

import pytest

from boomi.components import BLANK, DocumentRefused, blank_secrets
from boomi.components.secrecy import is_secret_name
from tests.boomi.component_rows import DOCUMENTS, component_document, envelope

CANARY = "c4n4ry-4f8e-secret"
HEX = "3f9c" * 32
SAMPLES = sorted(path.stem for path in DOCUMENTS.glob("*.xml"))
WITH_SECRETS = {
    "connector-action-01-http-send": ["dev-9f27c1b4e85a"],
    "connector-action-03-rest-post": ["eyJkZXYiOiJvbmx5In0", "3b7e0f9ac6d1"],
    "connector-settings-01-http-basic": ["c6f1f3b8a4e94a71"],
    "connector-settings-02-database": ["9b1de0a6c7f84c3f"],
    "connector-settings-03-rest-oauth2": [
        "7d0f3c5b2a914e68", "5fa1c8e2b07d49d6", "e81c6b0d54f7420f",
    ],
    "connector-settings-04-sftp": ["41d7f09c6be24b2f"],
    "processproperty-02-channel-settings": ["dev-signing-7731"],
}  # fmt: skip
PLACES = {
    "a password attribute": f'<DatabaseConnectionSettings password="{CANARY}"/>',
    "single quotes": f"<HttpSettings><AuthSettings password='{CANARY}'/></HttpSettings>",
    "an escaped value": f'<AuthSettings password="&quot;{CANARY}&gt;"/>',
    "a password field": f'<G><field id="pin" type="password" value="{CANARY}"/></G>',
    "a custom property": f'<G><properties encrypted="true" key="a" value="{CANARY}"/></G>',
    "a property that sounds secret": f'<G><properties key="x-api-key" value="{CANARY}"/></G>',
    "an OAuth token": f'<OAuthSettings tokenSecret="{CANARY}" accessToken="{CANARY}"/>',
    "an OAuth 2 client": f'<OAuth2Config><credentials clientSecret="{CANARY}"/></OAuth2Config>',
    "an AWS key": f"<AwsSettings><secretKey>{CANARY}</secretKey></AwsSettings>",
    "a passphrase": f'<SSHOptions keyPassphrase="{CANARY}"/>',
    "a header": f'<A><header headerName="Authorization" headerValue="{CANARY}"/></A>',
    "a cookie": f'<A><header headerName="Cookie" headerValue="{CANARY}"/></A>',
    "a user in an address": f'<HttpSettings url="https://svc:{CANARY}@erp.example/x"/>',
    "a driver address": f'<D urlFormat="jdbc:x://h;user=a;password={CANARY};b=c"/>',
    "a query": f'<H url="https://erp.example/x?a=1&amp;api_key={CANARY}&amp;b=2"/>',
    "an encrypted step value": (
        f'<process><parametervalue usesEncryption="true"><staticparameter staticproperty="{CANARY}"'
        "/></parametervalue></process>"
    ),
    "a dynamic property": (
        '<process><documentproperty propertyId="process.DPP_API_KEY" defaultValue="">'
        f'<sourcevalues><parametervalue><staticparameter staticproperty="{CANARY}"/>'
        "</parametervalue></sourcevalues></documentproperty></process>"
    ),
    "a default of a map": f'<Map><Default toNamePath="a/password" value="{CANARY}"/></Map>',
    "a script": f'<S><script>def apiKey = "{CANARY}"</script></S>',
    "a script in CDATA": f"<S><script><![CDATA[setProperty('password', '{CANARY}')]]></script></S>",
    "a message": f'<M><msgTxt>{{"client_secret": "{CANARY}"}}</msgTxt></M>',
    "a bearer anywhere": f'<M><note text="Bearer {CANARY}"/></M>',
    "a certificate": f"<C><CertificateData>{CANARY}</CertificateData></C>",
    "a password property": (
        f"<P><definedProcessProperty><label>Pin</label><type>password</type><defaultValue>{CANARY}"
        f'</defaultValue><allowedValues><allowedValueSet label="a" value="{CANARY}"/>'
        "</allowedValues></definedProcessProperty></P>"
    ),
    "a property named like one": (
        "<P><definedProcessProperty><label>API Key</label><type>string</type>"
        f"<defaultValue>{CANARY}</defaultValue></definedProcessProperty></P>"
    ),
}  # fmt: skip


@pytest.mark.parametrize("content", PLACES.values(), ids=PLACES.keys())
def test_no_secret_survives_wherever_it_stands(content: str) -> None:
    blanked = blank_secrets(envelope("process", content))
    assert CANARY not in blanked.text
    assert BLANK in blanked.text
    assert blanked.count >= 1


@pytest.mark.parametrize(("name", "secrets"), WITH_SECRETS.items())
def test_the_secrets_of_the_samples_are_gone(name: str, secrets: list[str]) -> None:
    blanked = blank_secrets(component_document(name))
    assert not [secret for secret in secrets if secret in blanked.text]
    assert blanked.count >= len(secrets)


@pytest.mark.parametrize("name", sorted(set(SAMPLES) - set(WITH_SECRETS)))
def test_a_document_without_secrets_stays_byte_for_byte(name: str) -> None:
    text = component_document(name)
    assert blank_secrets(text).text == text


@pytest.mark.parametrize("name", WITH_SECRETS)
def test_only_the_secret_values_change(name: str) -> None:
    """Every line is the same once what was blanked is taken out of both."""
    before = component_document(name).splitlines()
    after = blank_secrets(component_document(name)).text.splitlines()
    assert len(before) == len(after)
    for old, new in zip(before, after, strict=True):
        pattern = re.escape(new).replace(re.escape(BLANK), ".+")
        assert re.fullmatch(pattern, old)


@pytest.mark.parametrize("name", SAMPLES)
def test_blanking_twice_changes_nothing(name: str) -> None:
    once = blank_secrets(component_document(name)).text
    assert blank_secrets(once).text == once
    assert blank_secrets(once).count == 0


def test_the_platforms_stand_ins_go_wherever_they_stand() -> None:
    """They change at each reading: kept, an unchanged component would differ every time."""
    made = envelope("connector-settings", f'<X odd="{HEX}"/>')
    assert HEX not in blank_secrets(made).text
    other = envelope("connector-settings", f'<X odd="{"a" * 128}"/>')
    assert blank_secrets(made).text == blank_secrets(other).text


@pytest.mark.parametrize(
    "path",
    ["//Odd/Inner/@word", "//Odd/Inner[@kind='x']/@word", "//unheard::of[1]/@word", "//@word"],
)
def test_the_platforms_own_list_of_secrets_is_followed(path: str) -> None:
    secrets = f'<bns:encryptedValue path="{path}" isSet="true"/>'
    made = envelope("queue", f'<Odd><Inner kind="x" word="{CANARY}"/></Odd>', secrets=secrets)
    assert CANARY not in blank_secrets(made).text


def test_a_text_named_by_the_platform_is_blanked() -> None:
    secrets = '<bns:encryptedValue path="//Odd/Deep/text()" isSet="true"/>'
    made = envelope("queue", f"<Odd><Deep>{CANARY}</Deep></Odd>", secrets=secrets)
    assert CANARY not in blank_secrets(made).text


@pytest.mark.parametrize(
    "content",
    [
        '<OAuthSettings accessToken="" accessTokenURL="https://a.example/token"/>',
        '<X suppressBlankAccessToken="false" passwordPolicy="strict" tokenName="t"/>',
        '<A><header headerName="X-Api-Key" headerValue="DDP_KEY" isVariable="true"/></A>',
        '<J><JSONObjectEntry key="7" name="password" dataType="character"/></J>',
        '<S><script>def key = props.getProperty("document.dynamic.token")</script></S>',
        "<S><script>// a bearer of news, basic things first</script></S>",
        '<R><ref colIdx="0" value="secret"/></R>',
        "<L><Files checksum='" + "ab" * 32 + "' name='a.jar'/></L>",
    ],
)
def test_what_only_sounds_secret_stays(content: str) -> None:
    text = envelope("process", content)
    assert blank_secrets(text).text == text


def test_an_empty_secret_stays_empty() -> None:
    text = envelope("connector-settings", '<AuthSettings password="" user="a"/>')
    assert blank_secrets(text).text == text


def test_line_ends_comments_and_references_stay() -> None:
    text = envelope(
        "process", "<process a='1'\r\n b=\"&#10;&amp;\"><!-- a > b --><?p q?></process>"
    )
    assert blank_secrets(text).text == text


def test_a_refused_document_is_not_blanked_but_refused() -> None:
    with pytest.raises(DocumentRefused):
        blank_secrets("<!DOCTYPE a><Component/>")


@pytest.mark.parametrize("name", ["password", "clientSecret", "X-Api-Key", "Set-Cookie", "apiKey"])
def test_names_that_say_secret(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize("name", ["user", "key", "accessTokenURL", "secret_shopper", "monkey"])
def test_names_that_do_not(name: str) -> None:
    assert not is_secret_name(name)
