import CNative
import Foundation
import TestSupport
import Testing

/// A table of choices, as a process of its own would open it.
private final class Table {
  let table: OpaquePointer

  init(_ path: String, machine: String = "a machine", _ mode: dn_tuning_mode = DN_TUNING_ON) throws {
    table = try #require(dn_tuning_open(path, machine, mode))
  }

  deinit { dn_tuning_close(table) }

  /// Chooses between "usual", "other" and "third", of which only one can be run; `nil` stands for a trial that must not
  /// be held.
  func choose(_ key: String, only able: Int?, of count: Int = 3) -> Int {
    let trial = Trial { candidate in
      #expect(able != nil, "\(key) was tried")
      return candidate == able
    }
    return choose(key, trial, of: count)
  }

  func choose(_ key: String, _ trial: Trial, of count: Int = 3) -> Int {
    let texts: [UnsafeMutablePointer<CChar>?] = ["usual", "other", "third", key].map { (text: String) in strdup(text) }
    defer { for text in texts { free(text) } }
    let names: [UnsafePointer<CChar>?] = texts.map { text in UnsafePointer<CChar>(text) }
    return withExtendedLifetime(trial) {
      names.withUnsafeBufferPointer { names in
        var description = dn_tuning_trial(
          key: names[3], names: names.baseAddress, count: Int32(count), usual: 0, begin: { _ in 0 },
          run: { context, candidate in
            guard let context else { return 1 }
            return Unmanaged<Trial>.fromOpaque(context).takeUnretainedValue().run(Int(candidate)) ? 0 : 1
          }, end: { _ in }, context: Unmanaged.passUnretained(trial).toOpaque())
        return Int(dn_tuning_choose(table, &description))
      }
    }
  }

  var problem: String {
    var text = [CChar](repeating: 0, count: 512)
    dn_tuning_problem(table, &text, text.count)
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  var keys: [String] { (0..<dn_tuning_count(table)).map { String(cString: dn_tuning_at(table, $0).key) } }
}

private final class Trial {
  let run: (Int) -> Bool
  init(run: @escaping (Int) -> Bool) { self.run = run }
}

/// The file in which choices of implementations are remembered.
@Suite struct TuningTests {
  private let key = "product float32 [128, 784]·[784, 512]ᵀ, 2 threads"

  @Test func theFastestIsChosen() throws {
    try withTemporaryFolder { folder in
      let table = try Table(folder + "/tuning.txt")
      let microseconds: [UInt32] = [2_000, 200, 4_000]
      #expect(table.choose(key, Trial { usleep(microseconds[$0]) == 0 }) == 1)
      let times = String(cString: dn_tuning_at(table.table, 0).times)
      #expect(times.hasPrefix("usual 2"), "\(times)")
    }
  }

  @Test func whatWasChosenIsRemembered() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/on/the/way/tuning.txt"
      let first = try Table(path)
      #expect(first.choose(key, only: 2) == 2)
      #expect(first.choose("another", only: 1) == 1)
      #expect(first.choose("a third", only: 0) == 0)
      for mode in [DN_TUNING_ON, DN_TUNING_PINNED] {
        let later = try Table(path, mode)
        #expect(later.choose(key, only: nil) == 2)
        #expect(later.choose("another", only: nil) == 1)
        #expect(later.choose("a third", only: nil) == 0)
        #expect(later.keys == [key, "another", "a third"])
        #expect(later.problem == "")
      }
    }
  }

  /// What a pinned process did not find at its beginning it does not find later either.
  @Test func pinnedMeasuresAndWritesNothing() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/tuning.txt"
      let pinned = try Table(path, DN_TUNING_PINNED)
      #expect(pinned.choose(key, only: nil) == 0)
      #expect(try names(in: folder) == [])
      #expect(try Table(path).choose(key, only: 1) == 1)
      #expect(pinned.choose(key, only: nil) == 0)
      #expect(pinned.problem == "")
    }
  }

  @Test func offTouchesNothing() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/tuning.txt"
      #expect(try Table(path).choose(key, only: 1) == 1)
      let off = try Table(path, DN_TUNING_OFF)
      #expect(off.choose(key, only: nil) == 0)
      #expect(off.keys == [])
    }
  }

  @Test func whatHasNoAlternativeIsNotTried() throws {
    try withTemporaryFolder { folder in
      let table = try Table(folder + "/tuning.txt")
      #expect(table.choose(key, only: nil, of: 1) == 0 && table.keys == [])
    }
  }

  @Test func otherMachinesHaveTheirOwnChoices() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/tuning.txt"
      let (one, two) = (try Table(path, machine: "one"), try Table(path, machine: "two"))
      #expect(one.choose(key, only: 1) == 1)
      #expect(two.choose(key, only: 2) == 2)
      #expect(try Table(path, machine: "one").choose(key, only: nil) == 1)
      #expect(try Table(path, machine: "two").choose(key, only: nil) == 2)
      #expect(try Table(path, machine: "three", DN_TUNING_PINNED).choose(key, only: nil) == 0)
    }
  }

  /// Any byte changed, or the rest cut off: what is still intact holds, the rest is measured again and stands after it.
  @Test func damagedFilesAreMended() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/tuning.txt"
      let first = try Table(path)
      #expect(first.choose("first", only: 1) == 1 && first.choose("second", only: 2) == 2)
      let intact = try bytes(of: path)
      var damaged: [Data] = stride(from: 0, to: intact.count, by: 3).map { intact.prefix($0) }
      for index in intact.indices {
        damaged.append(intact)
        damaged[damaged.count - 1][index] ^= [1, 0x80, intact[index]][index % 3]
      }
      damaged += [Data([0, 10, 9, 10, 9, 9, 9, 9, 10]) + intact, Data(repeating: 0xff, count: 100_000) + intact]
      for data in damaged {
        try data.write(to: URL(fileURLWithPath: path))
        let table = try Table(path)
        #expect(table.choose("first", only: 1) == 1)
        #expect(table.choose("second", only: 2) == 2)
        #expect(table.problem == "")
        let later = try Table(path, DN_TUNING_PINNED)
        #expect(later.choose("first", only: nil) == 1)
        #expect(later.choose("second", only: nil) == 2)
      }
    }
  }

  /// Of several processes that measure the same at once, one is right for all.
  @Test func processesAtOnceAgree() throws {
    try withTemporaryFolder { folder in
      let keys = (0..<30).map { "key \($0)" }
      let faults = faultsOnEightThreads { thread in
        for round in 0..<2 {
          let table = try Table(folder + "/tuning.txt")
          for (index, key) in keys.enumerated() {
            let chosen = table.choose(key, only: (thread + index) % 3)
            try hold(chosen == table.choose(key, only: nil))
            try hold(
              round == 0 || (try Table(folder + "/tuning.txt", DN_TUNING_PINNED).choose(key, only: nil)) == chosen)
          }
        }
      }
      #expect(faults == [])
      let (first, second) = (try Table(folder + "/tuning.txt"), try Table(folder + "/tuning.txt"))
      for key in keys { #expect(first.choose(key, only: nil) == second.choose(key, only: nil)) }
    }
  }

  /// Where choices cannot be written down, nothing is measured, so that the next process does the same.
  @Test func placesThatCannotBeWritten() throws {
    try withTemporaryFolder { folder in
      let (file, pipe) = (folder + "/file", folder + "/pipe")
      try Data().write(to: URL(fileURLWithPath: file))
      #expect(mkfifo(pipe, 0o600) == 0)
      for (path, reason) in [
        ("", "none of DESCENT_TUNING_FILE, XDG_CACHE_HOME and HOME says where"), (folder, "\(folder): Is a directory"),
        (pipe, "\(pipe): is not a plain file"), (file + "/tuning.txt", "\(file)/tuning.txt: Not a directory"),
        ("/dev/full", "/dev/full: is not a plain file"),
        (folder + "/" + String(repeating: "x", count: 5000), "the path of the file is too long"),
      ] {
        let table = try Table(path)
        #expect(table.choose(key, only: nil) == 0)
        #expect(table.problem == reason || (path == folder && table.problem == "\(path): is not a plain file"))
        #expect(table.choose(key, only: nil) == 0)
        #expect(try Table(path, DN_TUNING_PINNED).choose(key, only: nil) == 0)
      }
      try Data(repeating: 10, count: 5 << 20).write(to: URL(fileURLWithPath: file))
      let full = try Table(file)
      #expect(full.choose(key, only: nil) == 0)
      #expect(full.problem == "\(file): is full, and has to be deleted before it takes new choices")
    }
  }

  @Test func readOnlyDisks() throws {
    guard let disk = SmallDisk(kilobytes: 64) else { return }
    let path = disk.path + "/tuning.txt"
    #expect(try Table(path).choose(key, only: 1) == 1)
    #expect(disk.makeReadOnly())
    let table = try Table(path)
    #expect(table.choose(key, only: nil) == 1)
    #expect(table.problem == "")
    #expect(table.choose("another", only: nil) == 0)
    #expect(table.problem == "\(path): Read-only file system")
  }

  /// What did not fit stays with the fixed rules for this process and, while the disk is full, for the next.
  @Test func fullDisks() throws {
    guard let disk = SmallDisk(kilobytes: 16) else { return }
    let (path, rest) = (disk.path + "/tuning.txt", disk.path + "/filling")
    #expect(try Table(path).choose(key, only: 1) == 1)
    try? Data(count: 64 << 10).write(to: URL(fileURLWithPath: rest), options: [])
    let table = try Table(path)
    // The last page of the file has room for some more lines.
    let more = (0..<200).map { "key \($0)" }
    let chosen = more.map { table.choose($0, only: 2) }
    #expect(chosen.contains(0))
    #expect(table.problem == "\(path): No space left on device")
    try FileManager.default.removeItem(atPath: rest)
    #expect(more.map { table.choose($0, only: 2) } == chosen)
    let later = try Table(path)
    #expect(later.choose(key, only: nil) == 1)
    #expect(later.choose(more[199], only: 1) == 1)
    #expect(try Table(path, DN_TUNING_PINNED).choose(more[199], only: nil) == 1)
  }
}
