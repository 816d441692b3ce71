# Needs URL. Waits up to two minutes for the next occurrence: the consumers may have to come from zero.
call() { curl -sS --fail-with-body --retry 10 --retry-connrefused -H "Authorization: Bearer ${TOKEN:-}" -H 'Content-Type: application/json' "$@"; }
field() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" | head -n 1; }
SECRET=$(head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n')
TOKEN=$(call "$URL/api/auth/register" -d "{\"email\": \"helm-test-$SECRET@example.com\", \"password\": \"$SECRET\"}" | field access_token)
trap 'call -X DELETE "$URL/api/me"' EXIT
ID=$(call "$URL/api/tasks" -d '{"title": "helm test", "due_date": "2030-01-31", "recurrence": "monthly"}' | sed 's/^{"id":"\([^"]*\)".*/\1/')
call -X POST "$URL/api/tasks/$ID/complete" >/dev/null
for _ in $(seq 120); do
    if call "$URL/api/tasks?status=pending" | grep -q '"due_date":"2030-02-28"'; then
        echo "The next occurrence is there."
        exit 0
    fi
    sleep 1
done
echo "No next occurrence within two minutes." >&2
exit 1
