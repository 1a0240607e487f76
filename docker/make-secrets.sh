#!/bin/sh
# Makes the secrets that compose.yaml mounts, once: a file that exists is kept. A folder may be given.
set -eu
folder=${1:-$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)/secrets}
# The folder keeps other users of this host out; the files must be readable for the containers' own user.
mkdir -p "$folder"
chmod 700 "$folder"
for name in postgres_password secret_key; do
    if [ -s "$folder/$name" ]; then
        echo "kept  $folder/$name"
    else
        LC_ALL=C tr -dc 'A-Za-z0-9' </dev/urandom | head -c 50 >"$folder/$name"
        chmod 644 "$folder/$name"
        echo "made  $folder/$name"
    fi
done
