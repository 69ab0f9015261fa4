from django.db import migrations

ROLES = ("Viewer", "Operator", "Developer", "Admin")


def create_roles(apps, schema_editor):
    group = apps.get_model("auth", "Group")
    for name in ROLES:
        group.objects.get_or_create(name=name)
    apps.get_model("common", "AuditChain").objects.get_or_create(pk=1)


class Migration(migrations.Migration):
    """Ships the four roles and the single row that holds the end of the audit chain."""

    dependencies = [
        ("common", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]
    operations = [migrations.RunPython(create_roles, migrations.RunPython.noop)]
