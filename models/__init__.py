"""Everything that is stored; a model counts when its line stands here."""

import models.people.organization  # noqa: I001
import models.people.user
import models.people.role
import models.people.membership
import models.people.user_session
import models.people.recovery_code
import models.people.password_link
import models.people.customer_group
import models.people.customer
import models.people.contact
import models.system.file
import models.system.audit_event
import models.system.outbox
import models.system.import_run
import models.system.bulk_run
import models.sales.document
import models.sales.statement
import models.sales.number_series
import models.sales.payment
import models.sales.document_file
import models.mailbox.mail_account
import models.mailbox.account_grant
import models.mailbox.account_default
import models.mailbox.account_check
import models.mailbox.account_password_link
import models.mailbox.letterhead
import models.mailbox.oauth
import models.mailings.message_template
import models.mailings.mailing
import models.mailings.mailing_exclusion
import models.mailings.mailing_draft
import models.mailings.delivery
import models.mailings.anomaly
import models.mailings.rehearsal
import models.mailings.delivery_copy
import models.mailings.suppression
import models.portal.share_link  # noqa: F401
