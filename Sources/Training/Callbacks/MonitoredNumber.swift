import DescentTensors

/// A number of each epoch by which training is judged: which one, and whether it is to be small or large.
///
/// ```swift
/// .earlyStopping(.validation("accuracy", .largest), patience: 3)
/// ```
public struct MonitoredNumber: Sendable, Hashable, Codable, CustomStringConvertible {
  /// Which values are better.
  public enum Goal: String, Sendable, Hashable, Codable {
    /// Smaller ones, as of a loss.
    case smallest
    /// Larger ones, as of an accuracy.
    case largest
  }

  /// What the number is called: `loss` or a metric's name.
  public let name: String
  /// Whether it is that of the validation set rather than that of the training batches.
  public let isOfValidation: Bool
  /// Which values are better.
  public let goal: Goal

  private init(_ name: String, _ isOfValidation: Bool, _ goal: Goal) {
    (self.name, self.isOfValidation, self.goal) = (name, isOfValidation, goal)
  }

  /// A number of the validation set.
  public static func validation(_ name: String = "loss", _ goal: Goal = .smallest) -> MonitoredNumber {
    MonitoredNumber(name, true, goal)
  }

  /// A number of the training batches.
  public static func training(_ name: String = "loss", _ goal: Goal = .smallest) -> MonitoredNumber {
    MonitoredNumber(name, false, goal)
  }

  /// Such as `validation loss`.
  public var description: String { isOfValidation ? "validation \(name)" : name }

  /// Its value in an epoch.
  ///
  /// - Throws: `TensorError` where the epoch has none.
  func value(in epoch: TrainingReport.Epoch) throws -> Double {
    let means = isOfValidation ? epoch.validation : epoch.training
    if let value = means[name] { return value }
    if isOfValidation && means.isEmpty {
      throw TensorError("fit", "is to follow the \(self), but was given no validation set")
    }
    let known = means.names.joined(separator: ", ")
    throw TensorError("fit", "is to follow the \(self), but there are only \(known)")
  }

  /// Whether a value is better than another one by more than a change. NaN is better than nothing.
  func isBetter(_ value: Double, than best: Double?, by change: Double = 0) -> Bool {
    guard !value.isNaN else { return false }
    guard let best else { return true }
    return goal == .smallest ? value < best - change : value > best + change
  }
}
