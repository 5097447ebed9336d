"""The files beside the examples: how Ollama is told of a tuned model, and what to do with all of it. Pure."""

from __future__ import annotations

from butler.core.text import one_line

EXAMPLES, INDEX, MODELFILE, README = "training.jsonl", "training-index.json", "Modelfile", "README.txt"

_MODELFILE = """\
# For `ollama create my-butler -f Modelfile`, once ./adapter holds the adapter that your training made (GGUF or safetensors).
# The base must be the very model that was tuned: the same weights, the same size.
FROM {base}
ADAPTER ./adapter
# The butler says itself how long the context is and which seed; so does it with this.
PARAMETER temperature 0
"""

_README = """\
What this is
  training.jsonl       {count} chats, one a line: what the butler asked your model, and the answer that you approved.
                       Of them you changed {edited}; of those the words are yours.
  training-index.json  which line is which action, on which day, and whether you changed it ("edited"). No words of mail.
  Modelfile            what Ollama needs to know of the tuned model.

What was masked
  Mail addresses, telephone numbers, bank accounts, card numbers, long numbers, passwords, keys and tokens, links, and
  postal addresses that your contacts have. The same thing has the same mask in all lines. Names of people stay, and so
  does whatever else your mail is about: keep this folder as you keep your mail, and give it to nobody you would not
  show that to. The butler sends it nowhere.

What to do
  1. Look through training.jsonl, and delete lines that you do not want to be learned.
  2. Tune the model {base} on it, on a machine of yours, with a tool that takes chats in this form, such as unsloth,
     axolotl or the trainer of the Hugging Face libraries (LoRA, few epochs, the chat template of the model itself,
     loss on the answers alone). Fewer than some hundred chats rarely teach more than tone.
  3. Put the adapter into the folder adapter here; llama.cpp's convert_lora_to_gguf.py makes a GGUF of it.
  4. ollama create my-butler -f Modelfile
  5. butler model exam my-butler, and butler model try my-butler, before you use it.
  6. Set model.write to my-butler. What is pinned then is this model, and `butler model` says so.

docs/training.md tells all of it at length. The tuning itself is none of the butler's work, and nothing here tried it.
"""


def modelfile(base: str) -> str:
    """The Modelfile of a model tuned from a base."""
    return _MODELFILE.format(base=one_line(base or "NAME-OF-THE-MODEL-THAT-YOU-TUNED", 200))


def readme(base: str, count: int, edited: int) -> str:
    """What to do with the files."""
    return _README.format(base=one_line(base or "that you use", 200), count=count, edited=edited)
