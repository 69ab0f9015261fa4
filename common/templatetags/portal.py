"""Template vocabulary of the portal; loaded everywhere as a builtin."""

from django import template

register = template.Library()
