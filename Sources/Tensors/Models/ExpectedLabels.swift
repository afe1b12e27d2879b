import CNative
import DescentGraph

/// Class numbers that a loss takes, or indices into a table, and how many of them there are.
///
/// A number outside makes a loss NaN, which says nothing of its cause, and by then has moved all parameters to NaN as
/// well. So it is looked for before anything is computed: at once where the numbers are known, and where they are an
/// argument of a function being recorded, whenever they are known for a run of it.
package struct ExpectedLabels: Sendable {
  /// The numbers, as they were known or given.
  fileprivate let labels: Tensor
  fileprivate let classes: Int
  /// A number that is taken although it is not a class.
  fileprivate let ignored: Int?
  /// The loss or the layer.
  fileprivate let operation: String
  /// What errors call a number, such as `the label`.
  fileprivate let name: String
  /// What the range is that of, such as `the classes of the logits`.
  fileprivate let range: String

  /// The error of class numbers of which one is outside; `nil` where all are inside or where it cannot be told now.
  ///
  /// - Parameters:
  ///   - labels: The class numbers.
  ///   - classes: The number of classes.
  ///   - ignored: A number that is taken although it is not a class.
  ///   - operation: The loss or the layer that takes them.
  ///   - name: What errors call a number.
  ///   - range: What the numbers from 0 to `classes` − 1 are.
  package static func refusal(
    of labels: Tensor, below classes: Int, ignoring ignored: Int? = nil, in operation: String,
    naming name: String = "the label", range: String = "the classes of the logits"
  ) -> TensorError? {
    guard Run.current.isCertain, !Run.current.isBinding else { return nil }
    let expected = ExpectedLabels(
      labels: labels.source, classes: classes, ignored: ignored, operation: operation, name: name, range: range)
    switch expected.labels.expression.content {
    case .literal(let literal): return expected.refusal(of: literal)
    case .placeholder: Run.current.report(expected)
    case .operation, .application, .failure: break
    }
    return nil
  }

  /// The same expectation of other tensors, such as those that a recorded function is applied to.
  func refusal(replacing tensor: Tensor) -> TensorError? {
    Self.refusal(of: tensor, below: classes, ignoring: ignored, in: operation, naming: name, range: range)
  }

  /// Whether these are the numbers that are taken.
  func isAbout(_ tensor: Tensor) -> Bool { labels.expression === tensor.expression }

  fileprivate func refusal(of literal: Literal, at place: () -> String? = { nil }) -> TensorError? {
    var label: Int64 = 0
    let type = dn_type(rawValue: UInt32(literal.type.elementType.rawValue))
    let first: Int64
    do {
      first = try literal.withHostBytes { bytes in
        let (count, size) = (literal.type.shape.count, literal.type.elementType.byteCount)
        var begin = 0
        while begin < count {
          let rest = UnsafeRawBufferPointer(rebasing: bytes[(begin * size)...])
          let found = dn_first_outside(rest.baseAddress, type, Int64(count - begin), Int64(classes), &label)
          guard found >= 0 else { break }
          // A large unsigned number has the bits of a negative one, and is none.
          let isIgnored = literal.type.elementType != .uint64 || label >= 0
          guard isIgnored, let ignored, Int64(ignored) == label else { return Int64(begin) + found }
          begin += Int(found) + 1
        }
        return -1
      }
    } catch { return error as? TensorError ?? TensorError(operation, "\(error)") }
    guard first >= 0 else { return nil }
    let number = literal.type.elementType == .uint64 ? "\(UInt64(bitPattern: label))" : "\(label)"
    return TensorError(
      operation,
      (place().map { "\($0): " } ?? "")
        + "\(name) \(number)\(Self.position(Int(first), literal.type.shape)) lies outside"
        + " 0..<\(classes), \(range)")
  }

  /// Where an element stands, such as ` at [2, 5]`; nothing for a scalar.
  private static func position(_ element: Int, _ shape: Shape) -> String {
    var rest = element
    var place: [Int] = []
    for size in shape.sizes.reversed() {
      place.append(rest % size)
      rest /= size
    }
    return place.isEmpty ? "" : " at [\(place.reversed().map(String.init).joined(separator: ", "))]"
  }
}

/// The class numbers that a compiled function takes from its arguments, to be looked at before each run.
package struct LabelChecks: Sendable {
  private let checks: [(argument: Int, expected: ExpectedLabels)]

  /// Sorts what was reported by the arguments that it is about.
  ///
  /// - Parameters:
  ///   - reported: What was reported while the function was recorded.
  ///   - arguments: The stand-ins that it was recorded on.
  package init(_ reported: [ExpectedLabels], on arguments: [Tensor]) {
    var known: Set<[Int]> = []
    checks = reported.compactMap { expected in
      guard let argument = arguments.firstIndex(where: expected.isAbout) else { return nil }
      // One loss and its metrics ask the same of the same numbers.
      return known.insert([argument, expected.classes, expected.ignored ?? 0, expected.ignored == nil ? 0 : 1]).inserted
        ? (argument, expected) : nil
    }
  }

  /// Refuses arguments that hold a number outside.
  ///
  /// - Parameters:
  ///   - arguments: The values of the stand-ins.
  ///   - place: Where in the training they are used, such as `epoch 2, batch 7`.
  /// - Throws: `TensorError` that names the label and the range.
  /// - Complexity: O(labels).
  package func verify(_ arguments: [Literal], at place: @autoclosure () -> String? = nil) throws {
    for check in checks {
      if let error = check.expected.refusal(of: arguments[check.argument], at: place) { throw error }
    }
  }
}

extension Tensor {
  /// The integers that these are, in whatever order and width.
  fileprivate var source: Tensor {
    var source = expression
    while case .operation(let operation, let operands, _) = source.content, let operand = operands.first,
      operation is Reshape || operation is Transpose || operation is Convert, operand.type.elementType.isInteger
    {
      source = operand
    }
    return Tensor(source)
  }
}
