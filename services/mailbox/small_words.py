"""Small words by which a text tells its language: the most frequent ones, and those that letters begin and end with."""

SPANISH, ENGLISH = "mail_es", "mail_en"  # the configurations of the index
SPANISH_WORDS = """
de la que el en y los del se las por un para con no una su al lo como más pero sus le ya o este sí
porque esta entre cuando muy sin sobre también me hasta hay donde quien desde todo nos durante
todos uno les ni contra otros ese eso ante ellos esto mí antes algunos qué unos yo otro otras otra
él tanto esa estos mucho nada muchos estimado estimada saludos gracias adjunto factura hola señor
señora usted
"""
ENGLISH_WORDS = """
the of and to in is you that it he was for on are with as his they be at one have this from or had
by but some what there we can out other were all your when up use how said an each she which do
their time if will way about many then them would so these her has him please find attached
regards dear thanks thank hello our
"""
SMALL_WORDS = {
    SPANISH: frozenset(SPANISH_WORDS.split()),
    ENGLISH: frozenset(ENGLISH_WORDS.split()),
}
# 1 for an English word, -1 for a Spanish one; what both have says nothing.
SPEAKS_ENGLISH = {
    word: (word in SMALL_WORDS[ENGLISH]) - (word in SMALL_WORDS[SPANISH])
    for word in SMALL_WORDS[ENGLISH] | SMALL_WORDS[SPANISH]
}
