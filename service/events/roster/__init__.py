"""The roster of an event: organisations, their people, what they bring, and what they wish."""
