"""How many attributes the tags of strangers' HTML have: the parser compares each with all before it (X3-10)."""

import re

# A comment, what HTML takes for one, or a tag; between them everything is text.
OPENING = re.compile(r"<!--|<[!?]|</(?![a-zA-Z])|</?([a-zA-Z][^\s/>]*)")
END_OF_COMMENT = re.compile(r"--!?>")
# As HTML reads one: quotes begin a value behind an equals sign only, and a name may begin with one.
ATTRIBUTE = re.compile(r"""[\s/]*(?:=[^\s/>=]*|[^\s/>=]+)(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s>]*))?""")
# What is in these is text, whatever it looks like.
RAW = {"style", "script", "textarea", "title", "xmp", "iframe", "noembed", "noframes", "noscript"}
RAW_TAG = re.compile(rf"<(?:{'|'.join(sorted(RAW))})\b")
FOREIGN = re.compile(r"<(?:svg|math)\b")


def most_attributes(html: str) -> int:
    """Those of the richest tag; as many as there are characters where only a whole parser could tell."""
    folded = html.lower()
    # Within drawings and formulas other rules hold for what is text.
    if "<![cdata[" in folded or (FOREIGN.search(folded) and RAW_TAG.search(folded)):
        return len(html)
    most, at = 0, 0
    while opening := OPENING.search(folded, at):
        at = opening.end()
        if opening[0] == "<!--":
            ending = END_OF_COMMENT.search(folded, at - 2)
            at = max(at, ending.end()) if ending else len(folded)
        elif opening[1] is None:
            at = folded.find(">", at) + 1 or len(folded)
        else:
            count = 0
            while attribute := ATTRIBUTE.match(folded, at):
                at, count = attribute.end(), count + 1
            most = max(most, count)
            if opening[1] in RAW and opening[0][1] != "/":
                at = max(at, folded.find(f"</{opening[1]}", at))
    return most
