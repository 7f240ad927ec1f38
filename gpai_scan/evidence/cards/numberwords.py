"""Number words of many languages and what they multiply by.

The long scale is meant where a language uses it: a Spanish *billón*, a German *Billion* and a
French *billion* are 10^12, a Brazilian *bilhão* is 10^9. Meanings follow the compact decimal
forms of the Unicode CLDR (https://cldr.unicode.org).
"""

from __future__ import annotations

from typing import Final

# Spelled in lower case. A word that two languages give different meanings stands here with its
# English meaning and in LONG_SCALE with the other.
WORDS: Final[dict[str, float]] = {
    # English, and shared
    "thousand": 1e3, "million": 1e6, "millions": 1e6, "mln": 1e6, "mio": 1e6, "mio.": 1e6,
    "billion": 1e9, "billions": 1e9, "bln": 1e9,
    "trillion": 1e12, "trillions": 1e12, "quadrillion": 1e15,
    # French
    "mille": 1e3, "milliers": 1e3, "milliard": 1e9, "milliards": 1e9,
    "mille milliards": 1e12,
    # German
    "tausend": 1e3, "millionen": 1e6, "milliarde": 1e9, "milliarden": 1e9, "mrd": 1e9,
    "mrd.": 1e9, "billionen": 1e12, "bio.": 1e12, "billiarden": 1e15,
    # Spanish
    "mil": 1e3, "millón": 1e6, "millones": 1e6, "mil millones": 1e9,
    "miles de millones": 1e9, "billón": 1e12, "billones": 1e12, "trillones": 1e18,
    # Portuguese
    "milhão": 1e6, "milhões": 1e6, "mil milhões": 1e9, "bilhão": 1e9, "bilhões": 1e9,
    "bilião": 1e12, "biliões": 1e12, "trilhão": 1e12, "trilhões": 1e12,
    # Italian
    "mila": 1e3, "milione": 1e6, "milioni": 1e6, "miliardo": 1e9, "miliardi": 1e9,
    "mila miliardi": 1e12, "bilioni": 1e12, "trilioni": 1e12,
    # Dutch, Swedish, Danish, Norwegian
    "duizend": 1e3, "miljoen": 1e6, "miljard": 1e9, "biljoen": 1e12,
    "miljoner": 1e6, "miljarder": 1e9, "biljoner": 1e12,
    "millioner": 1e6, "milliarder": 1e9, "billioner": 1e12,
    # Polish, Czech
    "tysięcy": 1e3, "milionów": 1e6, "miliony": 1e6, "milionach": 1e6, "miliard": 1e9,
    "miliarda": 1e9,
    "miliardów": 1e9, "miliardach": 1e9, "miliardami": 1e9, "miliardy": 1e9, "bilionach": 1e12,
    "bilion": 1e12, "biliony": 1e12, "bilionów": 1e12, "milionů": 1e6, "bilionů": 1e12,
    # Russian, Ukrainian
    "тыс": 1e3, "тыс.": 1e3, "тысяч": 1e3, "млн": 1e6, "миллион": 1e6, "миллиона": 1e6,
    "миллионов": 1e6, "млрд": 1e9, "миллиард": 1e9, "миллиарда": 1e9, "миллиардов": 1e9,
    "миллиардах": 1e9, "трлн": 1e12, "триллион": 1e12, "триллиона": 1e12,
    "триллионов": 1e12, "триллионах": 1e12, "мільйонів": 1e6, "мільярдів": 1e9,
    "трильйонів": 1e12,
    # Turkish, Indonesian, Vietnamese
    "bin": 1e3, "milyon": 1e6, "milyar": 1e9, "trilyon": 1e12,
    "ribu": 1e3, "juta": 1e6, "miliar": 1e9, "triliun": 1e12,
    "nghìn": 1e3, "triệu": 1e6, "tỷ": 1e9, "tỉ": 1e9, "nghìn tỷ": 1e12, "nghìn tỉ": 1e12,
    # Arabic, Persian, Hindi
    "ألف": 1e3, "مليون": 1e6, "مليار": 1e9, "تريليون": 1e12,
    "میلیون": 1e6, "میلیارد": 1e9, "تریلیون": 1e12,
    "हजार": 1e3, "हज़ार": 1e3, "लाख": 1e5, "करोड़": 1e7, "अरब": 1e9, "खरब": 1e11,
    "लाख करोड़": 1e12, "मिलियन": 1e6, "बिलियन": 1e9, "ट्रिलियन": 1e12,
}  # fmt: skip

# Words that mean something else where the text around is in a language of the long scale.
LONG_SCALE: Final[dict[str, float]] = {
    "billion": 1e12,
    "billions": 1e12,
    "trillion": 1e18,
    "trillions": 1e18,
}

# Function words that tell a French or German sentence, in which the long scale is meant.
LONG_SCALE_HINTS: Final = (
    " der | die | das | und | mit | von | auf | wurde | für | des | les | une | sur | pour | avec "
    "| est | été | dans "
)

# Myriad units of Chinese, Japanese and Korean; they may follow one another (1兆7000億).
MYRIADS: Final[dict[str, float]] = {
    "万亿": 1e12, "萬億": 1e12, "百万": 1e6, "百萬": 1e6, "千万": 1e7, "千萬": 1e7,
    "十亿": 1e9, "百亿": 1e10, "千亿": 1e11, "십억": 1e9,
    "兆": 1e12, "億": 1e8, "亿": 1e8, "万": 1e4, "萬": 1e4, "千": 1e3,
    "조": 1e12, "천억": 1e11, "백억": 1e10, "억": 1e8, "만": 1e4, "천": 1e3,
}  # fmt: skip

CJK_DIGITS: Final[dict[str, int]] = {
    "一": 1, "二": 2, "两": 2, "兩": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7,
    "八": 8, "九": 9, "十": 10,
}  # fmt: skip

# Numbers written as a word in front of a scale word: "two trillion".
SPELLED: Final[dict[str, float]] = {
    "half a": 0.5, "a": 1, "one": 1, "a single": 1, "single": 1, "two": 2,
    "three": 3, "four": 4, "five": 5, "six": 6,
    "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12,
    "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17,
    "eighteen": 18, "nineteen": 19, "twenty": 20,
    "thirty": 30, "forty": 40, "fifty": 50, "un": 1, "une": 1, "deux": 2, "trois": 3,
    "eine": 1, "zwei": 2, "drei": 3, "dos": 2, "tres": 3, "due": 2, "tre": 3, "dois": 2,
    "quatre": 4, "cinq": 5, "sept": 7, "huit": 8, "neuf": 9, "dix": 10, "vier": 4, "fünf": 5,
    "sechs": 6, "sieben": 7, "acht": 8, "neun": 9, "zehn": 10, "cuatro": 4, "cinco": 5, "seis": 6,
    "siete": 7, "ocho": 8, "nueve": 9, "diez": 10, "quattro": 4, "cinque": 5, "sei": 6, "sette": 7,
    "otto": 8, "nove": 9, "dieci": 10, "quatro": 4, "sete": 7, "oito": 8, "dez": 10,
}  # fmt: skip

LETTERS: Final[dict[str, float]] = {
    "t": 1e12, "tn": 1e12, "b": 1e9, "bn": 1e9, "m": 1e6, "mn": 1e6, "k": 1e3,
}  # fmt: skip
