#!/usr/bin/env bash
# Runs a command beside a container engine of its own, where none is installed as a service and no
# image can be pulled:
#
#     scripts/container-engine.sh npm run test:containers
#
# Needs root, and dockerd on PATH or by `npm run servers:debian -- docker`. Engine and command live in
# a network of their own that has the loopback interface only. The images are made from this
# machine's programs; the command finds their names in EXPLORE_POSTGRES_IMAGE, EXPLORE_MYSQL_IMAGE and
# EXPLORE_REDIS_IMAGE. All of it is gone at the end. Exit code 69: there is no engine to be had.
set -euo pipefail
readonly ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export PATH=$PATH:$ROOT/.work/servers/docker/bin
readonly APART=(--net --mount --pid --fork --mount-proc --kill-child)
# What the start script and mariadb-install-db call.
readonly TOOLS=(/bin/bash /bin/sh setpriv mkdir chown chmod cat sed rm ls dirname basename hostname uname tr grep awk)

KINDS=()

main() {
  for program in dockerd docker containerd runc ip unshare; do
    command -v "$program" > /dev/null || stop "$program is not on PATH."
  done
  [[ $(id -u) == 0 ]] || stop "An engine needs root."
  unshare "${APART[@]}" true || stop "This machine allows no namespaces."
  if [[ -z ${EXPLORE_ENGINE:-} ]]; then
    EXPLORE_ENGINE=$(mktemp -d /tmp/explore-engine-XXXXXX)
    export EXPLORE_ENGINE
    # Whatever happens inside, the folder goes.
    trap 'rm -rf "$EXPLORE_ENGINE"' EXIT
    unshare "${APART[@]}" "${BASH_SOURCE[0]}" "$@"
    return
  fi
  start_engine
  make_images
  [[ ${#KINDS[@]} -gt 0 ]] || stop "This machine has no programs to make an image from."
  docker run --rm --entrypoint /bin/sh "explore-${KINDS[0]}:local" -c exit ||
    stop "The engine runs no containers here."
  "$@"
}

stop() {
  echo "scripts/container-engine.sh: $*" >&2
  exit 69
}

start_engine() {
  ip link set lo up
  export DOCKER_HOST=unix://$EXPLORE_ENGINE/socket
  export TESTCONTAINERS_RYUK_DISABLED=true TESTCONTAINERS_HOST_OVERRIDE=127.0.0.1
  dockerd --host "$DOCKER_HOST" --data-root "$EXPLORE_ENGINE/data" --exec-root "$EXPLORE_ENGINE/run" \
    --pidfile "$EXPLORE_ENGINE/pid" --iptables=false --ip6tables=false > "$EXPLORE_ENGINE/log" 2>&1 &
  for ((i = 0; i < 300; i++)); do
    if docker version > /dev/null 2>&1; then return; fi
    sleep 0.1
  done
  tail -20 "$EXPLORE_ENGINE/log" >&2
  stop "dockerd did not start within 30 s."
}

make_images() {
  local postgres
  postgres=$(find /usr/lib/postgresql -path '*/bin/postgres' 2> /dev/null | sort -V | tail -1)
  if [[ -n $postgres ]]; then
    local version
    version=$(basename "$(dirname "$(dirname "$postgres")")")
    make_image postgres "${postgres%/*}" "$postgres" "${postgres%/*}/initdb" -- \
      "/usr/lib/postgresql/$version/lib" "/usr/share/postgresql/$version" /usr/share/zoneinfo/UTC /usr/lib/locale/C.utf8
  fi
  if command -v mariadbd > /dev/null; then
    make_image mysql /usr/sbin mariadbd my_print_defaults resolveip -- \
      "$(command -v mariadb-install-db)" /usr/share/mysql
  fi
  if command -v redis-server > /dev/null; then make_image redis /usr/bin redis-server --; fi
}

# make_image <kind> <folder for PATH> <program>… -- <file or folder>…
make_image() {
  local kind=$1 path=$2 programs=("${TOOLS[@]}") extra=$EXPLORE_ENGINE/$1
  shift 2
  while [[ $1 != -- ]]; do programs+=("$1") && shift; done
  shift
  mkdir -p "$extra/etc" "$extra/tmp"
  chmod 1777 "$extra/tmp"
  echo "server:x:999:999::/tmp:/bin/sh" > "$extra/etc/passwd"
  install -m 755 "$ROOT/test/support/containers/entrypoint.sh" "$extra/entrypoint.sh"
  local files
  mapfile -t files < <(for program in "${programs[@]}"; do command -v "$program"; done)
  mapfile -t -O ${#files[@]} files < <(ldd "${files[@]}" 2> /dev/null | grep -o '/[^ ]*\.so[^ ]*' | sort -u)
  tar --create --dereference --absolute-names "${files[@]}" "$@" --directory "$extra" . |
    docker import --change "ENTRYPOINT [\"/entrypoint.sh\", \"$kind\"]" \
      --change "ENV PATH=$path:/usr/sbin:/usr/bin:/sbin:/bin" - "explore-$kind:local" > /dev/null
  export "EXPLORE_${kind^^}_IMAGE=explore-$kind:local"
  KINDS+=("$kind")
}

main "$@"
