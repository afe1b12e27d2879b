import DescentGraph
import DescentTensors

/// A data set: any element of any pass over it can be asked for, in any order and from any thread.
///
/// An element depends on its place and on the pass alone, whatever is shuffled, drawn or changed at random on the way. That
/// is what makes a run that was interrupted go on with the same elements. A data set is a value, and its methods make others
/// of it:
///
/// ```swift
/// let words = try Dataset(lines: "words.txt").map(encode)
/// let (training, test) = try words.split(0.9, seed: 1)
/// let batches = try training.shuffled(seed: 2).batched(32, padding: 0)
/// ```
public struct Dataset<Element: Sendable>: Sendable {
  /// The number of elements in a pass.
  public let count: Int
  /// Makes an element: which, and of which pass. The place was checked.
  let make: @Sendable (_ index: Int, _ epoch: Int) throws -> Element
  /// Makes the batch of several elements at once, where that is faster than one after the other.
  let gather: (@Sendable (_ indices: [Int], _ epoch: Int) throws -> Element)?

  init(
    count: Int, gather: (@Sendable (_ indices: [Int], _ epoch: Int) throws -> Element)?,
    make: @escaping @Sendable (_ index: Int, _ epoch: Int) throws -> Element
  ) {
    self.count = max(0, count)
    self.gather = gather
    self.make = make
  }

  /// A data set whose elements a function makes.
  ///
  /// - Parameters:
  ///   - count: The number of elements in a pass.
  ///   - make: Makes an element of a pass; it may be called from any thread, and has to depend on its arguments alone.
  public init(count: Int, make: @escaping @Sendable (_ index: Int, _ epoch: Int) throws -> Element) {
    self.init(count: count, gather: nil, make: make)
  }

  /// A data set of elements in memory.
  public init(_ elements: some Sequence<Element>) {
    let elements = Array(elements)
    self.init(count: elements.count) { index, _ in elements[index] }
  }

  /// One element.
  ///
  /// - Parameters:
  ///   - index: Which element, `0..<count`.
  ///   - epoch: Which pass, counted from 0.
  /// - Throws: `TensorError` where there is no such element, and what making it throws.
  public func element(_ index: Int, epoch: Int = 0) throws -> Element {
    guard (0..<count).contains(index) else {
      throw TensorError("Dataset", "there is no element \(index) among \(count)")
    }
    return try make(index, epoch)
  }

  /// The elements of a pass, one after the other, made as they are asked for.
  public func elements(epoch: Int = 0) -> some Sequence<Result<Element, any Error>> {
    (0..<count).lazy.map { index in Result { try make(index, epoch) } }
  }

  /// All elements of a pass.
  ///
  /// - Throws: what making an element throws.
  public func all(epoch: Int = 0) throws -> [Element] { try (0..<count).map { try make($0, epoch) } }
}

extension Dataset where Element: Codable {
  /// A data set in memory whose elements lie along the first axis of a value's tensors.
  ///
  /// ```swift
  /// struct Pair: Codable, Sendable { var question, answer: Tensor }
  /// let pairs = try Dataset(rowsOf: Pair(question: questions, answer: answers))  // [count, …] each
  /// ```
  ///
  /// A batch is gathered in one copy for each tensor, and an element type stays what it is.
  ///
  /// - Throws: `TensorError` where the tensors differ in their number of rows, or there are none.
  public init(rowsOf value: Element) throws {
    let count = try Stacking.rowCount(of: value, for: "Dataset")
    let gather: @Sendable ([Int], Int) throws -> Element = { places, _ in
      try Stacking.gathered(value, places, for: "Dataset")
    }
    self.init(count: count, gather: gather) { index, _ in
      let tree = try ModelTree(value)
      return try tree.rebuilt(Element.self, with: tree.leaves.map { leaf in leaf.tensor?.row(index) })
    }
  }
}

extension Tensor {
  /// One row of the first axis, without the axis.
  fileprivate func row(_ index: Int) -> Tensor {
    Tensor(catching: { try Stacking.gather(self, [index], "Dataset").reshaped(Shape(Array(shape.dropFirst()))) })
  }
}
