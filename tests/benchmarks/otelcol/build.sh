#!/bin/sh
# Builds the OpenTelemetry Collector that bench_others.py measures, with the Go toolchain, into the folder of the kept runs. Takes some minutes.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
place=${XDG_CACHE_HOME:-$HOME/.cache}/hookline-benchmarks/otelcol
mkdir -p "$place"
cp "$here/builder.yaml" "$place"
cd "$place"
GOBIN=$place go install go.opentelemetry.io/collector/cmd/builder@v0.165.0
./builder --config builder.yaml
mv out/otelcol otelcol
rm -rf out builder
echo "$place/otelcol"
