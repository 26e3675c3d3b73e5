"""The gateway: signatures, requests, answers and codes of Alibaba Cloud, and who calls it."""
