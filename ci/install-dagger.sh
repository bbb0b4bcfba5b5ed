#!/bin/sh
# Install the pinned dagger CLI for a runner, its archive checked against the release's checksums.
set -eu
version=$(sed -n 's/^DAGGER_CLI = "\(.*\)"$/\1/p' "$(dirname "$0")/pins.py")
os=$(uname -s | tr '[:upper:]' '[:lower:]')
arch=$(uname -m | sed 's/x86_64/amd64/; s/aarch64/arm64/')
archive="dagger_v${version}_${os}_${arch}.tar.gz"
from="https://dl.dagger.io/dagger/releases/$version"
folder=$(mktemp -d)
cd "$folder"
curl --proto '=https' --retry 3 -fsSLO "$from/$archive"
curl --proto '=https' --retry 3 -fsSL "$from/checksums.txt" | grep " $archive\$" | sha256sum -c -
tar -xzf "$archive" dagger
mkdir -p "$HOME/.local/bin"
mv dagger "$HOME/.local/bin/dagger"
[ -z "${GITHUB_PATH:-}" ] || echo "$HOME/.local/bin" >>"$GITHUB_PATH"
"$HOME/.local/bin/dagger" version
