"""Second stages over the candidates of the served pipeline, tried and compared; none of them serves."""
