extension Chart {
  /// The colors of a picture.
  public enum Style: Sendable, Hashable {
    /// Dark ink on white.
    case light
    /// Light ink on black.
    case dark
    /// Light, or dark where the reader's system asks for it (`prefers-color-scheme`).
    case automatic
  }
}
