/// Asked before decompression takes so many bytes more; false refuses them, and decompression ends with
/// `CompressionError.noMemory`. What it asks for in all is the most it holds at a time, some of it only until it returns.
package typealias MemoryReservation = (_ bytes: Int) -> Bool
