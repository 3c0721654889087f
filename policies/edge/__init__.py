"""The edge's token validator, run for real: a bridge to Node, an oracle that shares nothing with it, and what an attacker sends."""
