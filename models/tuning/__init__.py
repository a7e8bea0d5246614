"""Tunes the upper layers of the encoder on graded pairs; what comes out is a small adapter.

`material` says what is learned from, `config` with which parameters (`config.toml`), `network` is the
encoder with its lower layers worked out once, `losses` what is minimised, `train` the loop.
"""
