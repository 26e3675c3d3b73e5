"""Sending: the pacer says when, the policy what follows, the pool carries. Knows its ports, not what is behind them."""
