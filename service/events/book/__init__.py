"""The match book (对接手册) of an event: who meets whom, why, and what to ask; printed or taken away."""
