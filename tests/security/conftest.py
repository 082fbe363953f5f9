"""Staff at their browsers, with one row of everything in their own company and in another."""

from tests.admin_views.conftest import foreign, rows, sign_in

__all__ = ["foreign", "rows", "sign_in"]
