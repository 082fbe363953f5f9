"""Whoever has a password here: staff, and the portal users of one organization. Each has a door of their own."""

from models.people.user import User
from models.portal.portal_user import PortalUser

PasswordHolder = User | PortalUser
