#!/bin/bash
# Stands in for the start scripts of the official images: the same variables, and the server's
# program in front of the arguments. It knows no more of them than our tests need.
set -euo pipefail
readonly kind=$1
shift

as_server() { setpriv --reuid=999 --regid=999 --clear-groups -- "$@"; }
run_server() { exec setpriv --reuid=999 --regid=999 --clear-groups -- "$@"; }

case $kind in
  postgres)
    mkdir -p "$PGDATA"
    chown 999:999 "$PGDATA"
    echo "$POSTGRES_PASSWORD" > /tmp/password
    # shellcheck disable=SC2086 -- several arguments in one variable, as in the official script
    as_server initdb -U "$POSTGRES_USER" -A scram-sha-256 $POSTGRES_INITDB_ARGS \
      --pwfile=/tmp/password > /dev/null
    echo "host all all all scram-sha-256" >> "$PGDATA/pg_hba.conf"
    run_server postgres -c unix_socket_directories=/tmp "$@"
    ;;
  mysql)
    chown 999:999 /var/lib/mysql
    as_server mariadb-install-db --skip-test-db --skip-name-resolve --datadir=/var/lib/mysql > /dev/null
    cat > /tmp/users.sql <<< "CREATE USER root@'%' IDENTIFIED BY '$MYSQL_ROOT_PASSWORD';
GRANT ALL ON *.* TO root@'%' WITH GRANT OPTION;"
    run_server mariadbd --datadir=/var/lib/mysql --socket=/tmp/mysql.sock --init-file=/tmp/users.sql "$@"
    ;;
  redis)
    cd /data
    run_server redis-server --bind "*" "$@"
    ;;
esac
