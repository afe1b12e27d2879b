/// What stands for the results of a graph's nodes while the graph is written anew: node by node, all of them in one
/// array.
package struct ResultList<Element> {
  @usableFromInline var elements: [Element] = []
  /// Where each node's results begin.
  @usableFromInline var starts: [Int] = []

  /// An empty list with room for so many nodes.
  @inlinable package init(capacity: Int) {
    elements.reserveCapacity(capacity)
    starts.reserveCapacity(capacity)
  }

  /// Adds the results of the next node; a node that could not be written has one for all of them.
  @inlinable package mutating func append(_ results: [Element]) {
    starts.append(elements.count)
    elements += results
  }

  /// Adds the only result of the next node.
  @inlinable package mutating func append(_ result: Element) {
    starts.append(elements.count)
    elements.append(result)
  }

  /// What stands for a value.
  @inlinable package subscript(value: Value) -> Element {
    let next = value.node + 1
    let end = next < starts.count ? starts[next] : elements.count
    return elements[min(starts[value.node] + value.result, end - 1)]
  }
}
