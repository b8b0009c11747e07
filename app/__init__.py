"""The app: Streamlit over the published generation, read-only."""
