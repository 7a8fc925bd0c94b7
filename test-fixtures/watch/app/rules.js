export function mayRefund(order) {
  return order.refunded === 0;
}
