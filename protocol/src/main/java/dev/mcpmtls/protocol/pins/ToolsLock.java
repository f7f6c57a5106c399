// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.protocol.pins;

import dev.mcpmtls.files.Exposure;
import dev.mcpmtls.files.Failures;
import dev.mcpmtls.files.OwnedFiles;
import dev.mcpmtls.files.SmallFiles;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * The file of pins, {@code tools.lock}: one JSON object a line, first the format, then each server followed by its tools. Each line
 * has the SHA-256 of what it approves. To stop pinning a server, delete its lines. Immutable.
 *
 * <pre>{@code
 * {"format":"mcp-mtls tools.lock 1"}
 * {"identity":"spiffe://demo.local/server/echo","server":"https://localhost:8445/mcp"}
 * {"server":"https://localhost:8445/mcp","sha256":"…","tool":{"description":"…","inputSchema":{…},"name":"echo"}}
 * }</pre>
 */
public final class ToolsLock {

    /** The file's name in the store. */
    public static final String FILE_NAME = "tools.lock";

    private static final int MAX_BYTES = 32 * 1024 * 1024;
    private static final Object WRITER = new Object();

    private final SortedMap<String, ToolPins> servers;

    ToolsLock(SortedMap<String, ToolPins> servers) {
        this.servers = servers;
    }

    /**
     * The pins in a file; none when there is no file.
     *
     * @throws UnusableLockException when it cannot be read, is malformed, or another user could have written it
     */
    public static ToolsLock load(Path file) {
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            return new ToolsLock(new TreeMap<>());
        }
        Exposure.ofFile(file)
                .or(() -> Exposure.ofDirectoryOf(file))
                .filter(exposure -> !exposure.isTolerable())
                .ifPresent(exposure -> {
                    throw new UnusableLockException(exposure.path(), exposure.why() + "; " + exposure.remedy(), null);
                });
        try {
            return LockLines.parse(file, new String(SmallFiles.read(file, MAX_BYTES), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UnusableLockException(file, Failures.reason(e), e);
        }
    }

    /** The pins of a server, by {@link ToolPins#server}; empty when it is not pinned. */
    public Optional<ToolPins> of(String server) {
        return Optional.ofNullable(servers.get(server));
    }

    /** The pinned servers, in order. */
    public List<ToolPins> servers() {
        return List.copyOf(servers.values());
    }

    /**
     * Changes the pins of one server in a file, which only its owner can read and which is replaced as a whole. Other processes that
     * change it wait meanwhile.
     *
     * @param server as in {@link ToolPins#server}
     * @param change from the pins at present
     * @return the pins now
     * @throws UnusableLockException when the file cannot be used or written
     */
    public static ToolPins update(Path file, String server, Function<Optional<ToolPins>, ToolPins> change) {
        synchronized (WRITER) {
            try {
                OwnedFiles.createDirectories(OwnedFiles.directoryOf(file));
                Path guard = file.resolveSibling("." + file.getFileName() + ".guard");
                try (FileChannel channel = OwnedFiles.open(guard)) {
                    channel.lock(); // until the channel closes
                    ToolsLock lock = load(file);
                    ToolPins pins = change.apply(lock.of(server));
                    SortedMap<String, ToolPins> all = new TreeMap<>(lock.servers);
                    all.put(server, pins);
                    byte[] content = LockLines.text(all.values()).getBytes(StandardCharsets.UTF_8);
                    OwnedFiles.replace(file, content, OwnedFiles.Readers.NONE);
                    return pins;
                }
            } catch (IOException e) {
                throw new UnusableLockException(file, Failures.reason(e), e);
            }
        }
    }
}
