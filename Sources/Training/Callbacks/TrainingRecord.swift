import DescentData

/// Something worth keeping that a callback has found: a number, a distribution, a picture or a text, under a name.
///
/// Logs write the numbers down, TensorBoard files and run directories all of it.
public struct TrainingRecord: Sendable, Hashable {
  /// What was recorded.
  public enum Content: Sendable, Hashable {
    /// A number of the step, such as the learning rate.
    case number(Double)
    /// How numbers are distributed, such as those of a parameter.
    case histogram(Histogram)
    /// A picture.
    case picture(Picture)
    /// A text.
    case text(String)
  }

  /// What it is called, such as `learning rate` or `gradients/conv1.weight`.
  public let name: String
  /// What was recorded.
  public let content: Content
}
