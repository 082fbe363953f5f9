"""The projects that the visitor may see: shared ones of their customer, if their role sees projects at all."""

from uuid import UUID

from flask_babel import gettext as _

from errors import NotFound
from models.base import db
from models.work.project import Project
from portal.own_documents import current_sight
from services.portal.visible_documents import Subject
from services.work.projects import shared_with


def own_project(public_id: UUID) -> Project:
    """The project with this public name; raises NotFound for any that is not the visitor's to see."""
    sight = current_sight()
    found: Project | None = None
    if sight.sees(Subject.PROJECTS):
        query = shared_with(sight.customer_id).where(Project.public_id == public_id)
        found = db.session.scalars(query).one_or_none()
    if found is None:
        raise NotFound(_("This project does not exist, or you have no access to it."))
    return found
