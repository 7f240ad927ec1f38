"""Words that tell machines a model was trained on from those it runs on."""

from __future__ import annotations

import re
from typing import Final

HARDWARE_REJECT: Final = re.compile(
    r"\b(?:infer(?:ence|ring)?|deploy\w*|serv(?:e|ed|ing)\b|vllm|sglang|tensorrt|tgi\b|ollama"
    r"|llama\.cpp|lmdeploy"
    r"|fits? (?:in|on|into|up to)|\boom\b|out of memory|vram|gpu (?:ram|memory|mem)|memory (?:usage"
    r"|footprint|consumption|requirement)|profil\w+|latenc\w+"
    r"|tokens?\s?(?:/|per)\s?s|per second|you (?:can|need|could|may|should)|recommend\w*|minimum"
    r"|at least \d+\s?g|hardware requirements?"
    r"|consumer|quanti[sz]\w*|in reserve|reserved?|spare|load(?:ing|ed)? (?:the )?model|locally"
    r"|tested on|can be (?:run|used|deployed)"
    r"|runs? on|running on|run (?:with|on|in)|requires? at least|max_new|speed(?:up)?"
    r"|generat\w+ (?:speed|time)|demo|example|tutorial|cuda_visible"
    r"|to (?:run(?! \d| (?:the |our |all )*experiments)|reproduce|serve|use|load)|evaluat\w*"
    r"|benchmark\w*|reduc\w+ the (?:number|cost))\b|推理|部署|显存|微调|推論|量子化|デプロイ"
)
# Labels of lists and template lines, `- **Hardware Type:** A100`; the order decides.
HARDWARE_LABEL: Final = re.compile(
    r"^\W*(?:training |pre-?training |compute |computing )?(?:hardware(?: type| used)?|matériel"
    r"|gpus?"
    r"|tpus?|accelerators?|devices?|machines?"
    r"|infrastructure|compute(?: infrastructure| resources?)?|number of (?:gpus|accelerators"
    r"|devices)|硬件|训练硬件|оборудование"
    r"|equipamento|equipos?|accélérateurs?|aceleradores?|ハードウェア|하드웨어)\s?(?:\([^)]*\))?\s?[:：]"
)
