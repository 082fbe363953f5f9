"""What `files/` says where a customer may meet it: of the place where files are kept, and of drawing documents."""

from files.errors import N_

OF_FILES = (
    N_("FILES_URL names %(place)s, which cannot be used: %(reason)s."),
    N_("FILES_URL is %(place)s, which is neither a folder, file:///folder nor s3://bucket/prefix."),
    N_("A stored file is named by the SHA-256 of its content, in hexadecimal."),
    N_("The stored file %(name)s is damaged."),
    N_("There is no stored file %(name)s."),
    N_("The document cannot be drawn: %(reason)s."),
    N_("The logo shows another file; put that picture into the SVG."),
    N_("The logo is neither a PNG, a JPEG, a GIF nor an SVG picture."),
    N_("The logo is cut off."),
)
