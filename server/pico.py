"""The voice Pico, as a program of its own: its native code may hang on odd text, and a program can be stopped.

Reads one JSON object, `{"voice": "en-US", "volume": 0.6, "parts": [["Hold it there.", 0.85], …]}`.
Writes for each part the number of bytes (four bytes, little-endian), and the samples: 16 kHz, mono, 16 bit.
Started by server.voice in isolated mode, so it imports nothing of ours.
"""

import json
import sys

import py_nanotts


def main() -> None:
    wish = json.load(sys.stdin)
    pico = py_nanotts.NanoTTS()
    for text, rate in wish["parts"]:
        samples = pico.speak(text, voice=wish["voice"], speed=rate, volume=wish["volume"])
        sys.stdout.buffer.write(len(samples).to_bytes(4, "little") + samples)


if __name__ == "__main__":
    main()
