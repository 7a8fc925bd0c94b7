# Does not exec: the app is this shell's child, and it has a child of its own.
sleep 300 &
echo "grandchild $!"
"$NODE" shop.mjs
echo "the app has ended"
