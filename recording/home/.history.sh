# What was done on heron before the recorded week.
set -e
cd heron
git init -q -b main
commit() {
  git add "${@:3}"
  GIT_AUTHOR_DATE="$1" GIT_COMMITTER_DATE="$1" git commit -q -m "$2"
}
commit 2026-02-18T10:12:00Z "Read gauges as dataclasses" gauge.py README.md
commit 2026-02-20T11:31:00Z "Describe the people who get warnings" docs
commit 2026-02-25T09:48:00Z "Test the rate of rise" test_forecast.py
commit 2026-02-26T10:57:00Z "Forecast a level from the rate of rise" forecast.py CHANGELOG.md
