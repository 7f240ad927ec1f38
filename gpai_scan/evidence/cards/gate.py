"""The narrow gate: a piece goes on only where a number stands as the reader needs it.

`lines` keeps the pieces that hold a digit and a word of a quantity anywhere; most of those state
nothing. What the reader needs is narrower: a number right before what it counts, a setting right
before its number, a label with a colon, a table, an accelerator. Each pattern here is such a need
without its exceptions, so that whatever the reader finds passes; a test holds the two together.
Links, tags and entities are blanked first, and text in other than Latin letters always passes.
"""

from __future__ import annotations

from typing import Final

import polars as pl

_MARKUP: Final = (
    r"\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)?(?: \"[^\"\n]*\")?\)|</?[A-Za-z][^<>]*>"
    r"|&#?[A-Za-z0-9]{1,8};?"
)
_OTHER_LETTERS: Final = r"[^\x00-\x{24F}\x{2000}-\x{2BFF}\x{FE0F}\x{1F000}-\x{1FAFF}]"

# Plain character sets: classes of Unicode take a hundred times longer to compile.
_BLANK: Final = r"[\t \x{A0}\x{2009}\x{202F}]"
_INNER: Final = r"[!-,/-9<-{}~\-\x{80}-\x{10FFFF}]"  # in a word: no end of a clause
_FIRST: Final = r"[!-),/<-_a-{}~\x{80}-\x{10FFFF}]"  # no mark of a list item
# Between words: blanks, or a line end that does not begin a list item.
_GAP: Final = rf"(?:{_BLANK}+(?:[\-–&/+,]{_BLANK}+)?|{_BLANK}*\n[\t >]*[*_`~\[(\"']*)"
_WORD: Final = rf"(?:[*_`~]*{_FIRST}{_INNER}*|(?:mio|mrd)\.)"
_COUNTED: Final = (
    "tok|jeton|fichas|param|paramètre|parámet|parâmetro|tham|mã|step|iter|updat|pasos|passos|passi|étape"
    "|schritt|itération|node|host|server|each"
)
_SAMPLED: Final = (
    "image|pair|sampl|exampl|instruct|sentence|document|instanc|conversation|dialog|question|video"
    "|passag|entries|files|triplet|rows|molecule|protein"
)
# Without one of these words nothing is told by a number of samples.
_PURPOSE: Final = (
    "train|tun|anneal|entren|entra[iî]n|trein|addestra|wytren|träna|trænet|trent|eğitil|dilatih"
    "|batch|total|pool|sampled|evaluat|test|validation|benchmark|passage corpus"
)
_MEASURED: Final = (
    r"(?:(?:hours?|hrs?|h|heures|horas|stunden|days?|jours|días|tagen?|weeks?|semaines|semanas"
    r"|wochen|months?|mois|meses|monaten?|minutes?|mins?|total|epochs?|passes|épocas?|époques?"
    r"|epochen|sequences|samples?|[kmgt]?wh|kg|kilograms?|g|grams?|t|tons?|tonnes?|metric|co_?2"
    r"|flops?|activ(?:e|ated))(?:[^a-z0-9_]|$)|floating|tco|kgco)"
)
_SCALE: Final = (
    r"(?:[a-z]*illi[a-z]+|thousand|mille|milliers|tausend|mil|mila|duizend|ribu|juta|bill[oó]n"
    r"|mill[oó]n|mill[oó]nes|bilhão|bilhões|trilhão|trilhões|milhão|milhões|biljo[a-z]+|miljo[a-z]+"
    r"|miljar[a-z]+|miliard[a-z]*|milion[a-z]*|milyon|milyar|trilyon|triliun|mln|mio|mrd|bln)"
)
_FILLER: Final = (
    rf"(?:full|calendar|complete|training|more|global|in|total|of|them|these|those|which|are|is"
    rf"|being|miles|de|[kmbt]|[tbm]n|x|×|10"
    rf"|{_SCALE}|[!-/:-@\[-`~–—]+)[*_`~)\].\"']*"
)
_START: Final = rf"(?:[0-9]|{_SCALE})[!-{{}}~\x{{80}}-\x{{10FFFF}}]*?"
_SPELLED: Final = (
    r"(?:a|single|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|[a-z]+teen|twenty"
    r"|thirty|forty"
    r"|fifty|un|une|deux|trois|eine|zwei|drei|dos|tres|due|tre|dois)"
)
# Cheap to look for and commonly found.
_QUICK: Final = (
    # a table, whose labels decide; a label with a number behind it
    r"\|[^\n]*\||<t[dhr]",
    r"[:：](?:[^/]|/[^/])[^\n]*\n?[^\n]*(?:[0-9]|illi)",
    # a setting and its number
    r"batch(?:es)?[-_ ]?(?:sizes?)?[*_`]*(?:\s?\([^()0-9]{0,30}\))?(?:[\t\n ]|of|is|was|to|with|at"
    r"|set|size|about|approximately|[~=:,*_`])*[0-9]",
    r"(?:iteration|step)s?(?:[\t\n :=*_]|is|was|are|were|of|to)*[0-9][0-9,][0-9,]",
    r"(?:sizes?|counts?|scales?)[^.;|]*(?:[0-9]|illi)",
    # a number format, an accelerator, a share
    r"bf16|bfloat16|fp16|float16|fp8|float8|fp32|float32|tf32|fp4|e4m3|mfu|hfu|utili[sz]ation",
    r"gpu|tpu|npu|accelerator|nodes?[\t\n ]|instance|[0-9]xlarge"
    r"|(?:core|card|chip)s?[\t\n ·-]+(?:[hdwy]|core)",
)
_MONTH: Final = (
    "jan|feb|fev|fév|mar|mär|apr|avr|abr|ma[ijy]|mag|jun|juin|giu|jul|juil|lug|aug|août|ago|sep|set"
    "|oct|okt|ott|out|nov|dec|dez|déc|dic|gen|ene"
)
DATED: Final = (
    r"[0-9][-/.][0-9]{1,2}[-/.]20[12][0-9]|20[12][0-9][-/.][0-9]{1,2}[-/.][0-9]|20[12][0-9][年년]"
    rf"|(?:{_MONTH})[a-zéç]*[^\n]{{0,14}}20[12][0-9]"
)
"""A day of a year, in lower case."""
# As quick, and seldom found; then two scans of the whole text, for whose patterns there is
# nothing cheap to look for first. One pattern of all would outgrow the engine's memory.
_SELDOM: Final = (
    r"(?:length|len|size|window)s?[\t\n *_`:=]*(?:(?:of|is|was|to|limited|set|at|up)[\t\n *_`:=]*)*"
    r"[0-9]",
    r"[0-9]k?[*_`]*[- ](?:token )?(?:context|sequence)",
    # parameters and tokens before their number
    r"(?:param[a-z]*|tokens?)[\t\n ][a-z \t\n]*(?:is|are|was|were|to|reach|total|budget|amount"
    r"|surpass|exceed)[^.;|0-9]*[0-9]",
    r"(?:param[a-z]*|tokens?|size)[*_`]*[\t\n ]+(?:= )?[*_]*[~≈]?[0-9]"
    r"|is an?[\t\n ][0-9.]+[bm][\t\n ]",
    r"gaudi|[dh]gx|ascend|trainium|inferentia|rtx|quadro|geforce|tesla|titan|hopper|graphcore|cerebras"
    r"|nodes",
    DATED,
    r"(?:zetta|yotta|[zy])-?flop|pf?s?-day|flops?(?:/s)?[ -]day",
)


def _counts(words: str) -> str:
    """A number, and some words later or at once what it counts."""
    return (
        rf"{_START}(?:{_GAP}{_WORD}){{0,9}}(?:{_GAP}|[\-–])[^\sa-z0-9]*(?:[a-z]+[\-/])*"
        rf"(?:sub|giga|tera|[mbt])?(?:{words})|[0-9][!-{{}}~\x{{80}}-\x{{10FFFF}}]*(?:{words})"
    )


_COUNTS: Final = "|".join(
    (
        _counts(f"{_COUNTED}|gt"),
        # trillions of data
        rf"(?:[0-9]\+?[\t ]?tn?|12\}}?|{_SCALE})[!-/\]-`~]*(?:{_GAP}{_WORD}){{0,7}}{_GAP}"
        r"[^\sa-z0-9]*(?:data|corpus|text)",
    )
)
_SAMPLES: Final = _counts(_SAMPLED)
_MEASURES: Final = "|".join(
    (
        rf"{_START}(?:{_GAP}{_FILLER}){{0,4}}{_GAP}?[!-@\[-`~–—]*{_MEASURED}",
        rf"(?:^|[^a-z0-9]){_SPELLED}[*_`~]*{_GAP}[*_`~\[(]*(?:and{_GAP}a{_GAP}half[*_`~]*{_GAP})?"
        r"[*_`~\[(]*(?:hour|day|week|month|epoch|epoca|época|époque|passe|node)",
        # the names of accelerators, as the reader of hardware looks for them
        r"(?:^|[^a-z0-9])(?:[0-9]{1,4}x)?(?:[ahvlbpkt][0-9]{1,3}[a-z]{0,3}|mi[0-9]{2,3}x?"
        r"|gb?h?[0-9]00)s?(?:[^a-z0-9]|$)|v[2-6][ep]?-[0-9]",
    )
)


def narrowed(pieces: pl.DataFrame) -> pl.DataFrame:
    """The pieces that can hold a claim, in no order: the dear patterns see what the cheap left."""
    plain = pl.col("_plain")
    rest = pieces.with_columns(_plain=_blanked())
    found = []
    for need in (
        _any(plain, _QUICK),
        _any(plain, (*_SELDOM, _COUNTS)),
        plain.str.contains(_MEASURES),
    ):
        met, rest = parted(rest, need)
        found.append(met)
    aimed, rest = parted(rest, plain.str.contains(_PURPOSE))
    met, aimless = parted(aimed, plain.str.contains(_SAMPLES))
    rest = pl.concat([rest, aimless])
    longer = rest.filter(pl.col("text").str.len_bytes() > pl.col("text").str.len_chars())
    return pl.concat([*found, met, longer.filter(_other_letters())]).drop("_plain")


def parted(frame: pl.DataFrame, test: pl.Expr) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows that a test holds for, and the others."""
    if frame.is_empty():
        return frame, frame
    met = frame.select(test).to_series()
    return frame.filter(met), frame.filter(~met)


def _blanked() -> pl.Expr:
    return pl.col("text").str.replace_all(_MARKUP, " ").str.to_lowercase()


def _any(text: pl.Expr, needs: tuple[str, ...]) -> pl.Expr:
    return pl.any_horizontal(text.str.contains(need) for need in needs)


def _other_letters() -> pl.Expr:
    return pl.col("text").str.contains(_OTHER_LETTERS)
