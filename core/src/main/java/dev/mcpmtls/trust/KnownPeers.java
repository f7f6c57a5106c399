// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import dev.mcpmtls.files.Failures;
import dev.mcpmtls.files.OwnedFiles;
import dev.mcpmtls.identity.Identity;
import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.identity.PublicKeyPin;
import dev.mcpmtls.identity.UnusableCredentialException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The keys that peers had when they were first seen, like SSH's known hosts: one {@code name sha256/…} a line. Operators may
 * read and edit the file while it is in use. Safe among threads and processes: changes are made under a lock on a file beside
 * it and take effect by one rename.
 */
public final class KnownPeers {

    /** The largest number of names; an attacker could otherwise fill the disk. */
    private static final int MAX_PEERS = 10_000;

    private static final int MAX_BYTES = 4 * 1024 * 1024;

    private final Path file;
    /** The keys that verdicts may depend on. */
    private Map<String, PublicKeyPin> seen = new HashMap<>();

    private volatile long epoch;

    private KnownPeers(Path file) {
        this.file = file;
    }

    /**
     * The known peers of a file, which need not exist yet.
     *
     * @throws UnusableCredentialException when a line of it is malformed
     */
    public static KnownPeers in(Path file) {
        KnownPeers knownPeers = new KnownPeers(file.toAbsolutePath());
        knownPeers.read();
        return knownPeers;
    }

    /** Reads the file again; {@link #epoch} grows when a name was removed or its key changed. */
    synchronized void reload() {
        Map<String, PublicKeyPin> now = new HashMap<>();
        read().forEach(entry -> now.putIfAbsent(entry.name(), entry.key()));
        if (!now.entrySet().containsAll(seen.entrySet())) {
            epoch++;
        }
        seen = now;
    }

    /** Grows whenever verdicts may no longer stand. */
    long epoch() {
        return epoch;
    }

    /**
     * Whether the key is the one the name had before; a name not seen before is remembered with this key.
     *
     * @param who the name in the evidence
     * @return the finding when the key changed, or when it could not be remembered
     */
    synchronized Optional<Rejection> check(String who, Identity name, PublicKeyPin key) {
        String word = name.text();
        Optional<Entry> known = find(read(), word);
        if (known.isEmpty()) {
            known = remember(word, key);
        }
        seen.putIfAbsent(word, known.map(Entry::key).orElse(key));
        return known.filter(entry -> !entry.key().equals(key))
                .map(entry -> new KeyRejection.PinMismatch(
                        who, key, List.of(entry.key()), Optional.of("line " + entry.line() + " of " + file)));
    }

    private record Entry(int line, String name, PublicKeyPin key) {}

    private static Optional<Entry> find(List<Entry> entries, String name) {
        return entries.stream().filter(entry -> entry.name().equals(name)).findFirst();
    }

    /** Adds a line, unless another process was faster; in that case its line. */
    private Optional<Entry> remember(String name, PublicKeyPin key) {
        Path lockFile = file.resolveSibling(file.getFileName() + ".lock");
        synchronized (KnownPeers.class) { // a file lock is held by the whole process
            return rememberLocked(lockFile, name, key);
        }
    }

    private Optional<Entry> rememberLocked(Path lockFile, String name, PublicKeyPin key) {
        try (FileChannel channel = OwnedFiles.open(lockFile);
                FileLock lock = channel.lock()) {
            List<Entry> entries = read();
            Optional<Entry> known = find(entries, name);
            if (known.isEmpty() && lock.isValid()) {
                append(entries.size(), name + " " + key + "\n");
            }
            return known;
        } catch (IOException e) {
            throw new UnusableCredentialException(
                    file + " cannot be written, so no new peer can be remembered (" + Failures.reason(e)
                            + "); make it writable",
                    e);
        }
    }

    private void append(int peers, String line) throws IOException {
        if (peers >= MAX_PEERS) {
            throw new UnusableCredentialException(file + " is full (" + MAX_PEERS + " peers); remove those not needed");
        }
        String before = Files.exists(file) ? Files.readString(file) : "";
        String separator = before.isEmpty() || before.endsWith("\n") ? "" : "\n";
        byte[] content = (before + separator + line).getBytes(StandardCharsets.UTF_8);
        OwnedFiles.replace(file, content, OwnedFiles.Readers.ALL);
    }

    private List<Entry> read() {
        if (!Files.exists(file)) {
            return List.of();
        }
        byte[] contents = dev.mcpmtls.identity.Pem.readTrusted(file, MAX_BYTES);
        List<String> lines =
                new String(contents, StandardCharsets.UTF_8).lines().toList();
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (!line.isEmpty() && !line.startsWith("#")) {
                entries.add(parse(i + 1, line));
            }
        }
        return entries;
    }

    private Entry parse(int number, String line) {
        String[] words = line.split("\\s+", -1);
        try {
            if (words.length == 2) {
                return new Entry(number, words[0], PublicKeyPin.parse(words[1]));
            }
        } catch (IllegalArgumentException e) {
            // told below, as for every other malformed line
        }
        throw new UnusableCredentialException("line " + number + " of " + file + " is not a name and a pin: "
                + Printable.quote(line) + "; correct or delete it");
    }
}
