"""How the ways of signing in appear in the OpenAPI document.

Apart from the classes themselves: settings load those before the framework is complete.
"""

from drf_spectacular.extensions import OpenApiAuthenticationExtension


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "common.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Token bop_…`, from the page Tokens.",
        }


class BasicTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "common.api.authentication.BasicTokenAuthentication"
    name = "basic"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "basic",
            "description": "E-mail address and an access token; account passwords do not work.",
        }
