"""`python -m deploy.sample.generate` rewrites `deploy/sample/<town>/`."""

from deploy.sample.generate import write_files

write_files()
