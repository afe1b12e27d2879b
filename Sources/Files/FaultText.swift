#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What a system error number means for a file, in plain words.
func faultText(_ number: CInt) -> String {
  switch number {
  case ENOENT: "no such file or directory"
  case EACCES, EPERM: "permission denied"
  case ENOSPC, EDQUOT: "no space left on the disk"
  case EFBIG: "the file would grow past what the system allows"
  case EISDIR: "is a directory, not a file"
  case ENOTDIR: "a part of the path is a file, not a directory"
  case EROFS: "the file system is read-only"
  case EIO: "the device failed (input/output error)"
  default: strerror(number).map { String(cString: $0) } ?? "system error \(number)"
  }
}
