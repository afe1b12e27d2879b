import DescentTensors

/// What a measured function gives back: one number for each objective of its study.
public protocol TrialResult: Sendable {
  /// The numbers, in the order of the objectives.
  func trialValues() throws -> [Double]
}

extension Double: TrialResult {
  /// The number itself.
  public func trialValues() -> [Double] { [self] }
}

extension Float: TrialResult {
  /// The number itself.
  public func trialValues() -> [Double] { [Double(self)] }
}

extension Int: TrialResult {
  /// The number itself.
  public func trialValues() -> [Double] { [Double(self)] }
}

extension Array: TrialResult where Element: TrialResult {
  /// The numbers of all elements.
  public func trialValues() throws -> [Double] { try flatMap { try $0.trialValues() } }
}

extension Tensor: TrialResult {
  /// The tensor's elements.
  public func trialValues() throws -> [Double] { try scalars() }
}
