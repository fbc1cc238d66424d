internal import Glibc
internal import ServiceSupport

/// The folder that a process keeps its own files in.
enum DataDirectory {
    /// The folder cannot be made.
    struct Failure: Error, CustomStringConvertible {
        let path: String
        let code: Int32

        var description: String {
            "cannot create the directory \(path) (data.directory): \(String(cString: strerror(code)))"
        }
    }

    /// Creates the folder and those above it, where the executable has any.
    static func create(_ settings: ServiceSettings, for executable: Executable) throws {
        let hasFiles =
            executable == .engram || executable == .ingester
            || executable == .querier && settings.querier.diskCacheSize > 0
        guard hasFiles else { return }
        var path = ""
        for part in settings.data.directory.split(separator: "/", omittingEmptySubsequences: false)
        {
            path += part + "/"
            if path == "/" { continue }
            if mkdir(path, 0o750) != 0, errno != EEXIST {
                throw Failure(path: settings.data.directory, code: errno)
            }
        }
    }
}
