// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.client.store;

import dev.mcpmtls.files.Exposure;
import dev.mcpmtls.files.Failures;
import dev.mcpmtls.files.OwnedFiles;
import dev.mcpmtls.files.SmallFiles;
import dev.mcpmtls.identity.AlternativeNames;
import dev.mcpmtls.identity.Der.MalformedDerException;
import dev.mcpmtls.identity.Identity;
import dev.mcpmtls.identity.PublicKeyPin;
import dev.mcpmtls.identity.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tokens and registrations of one client at one server. Several processes share a file: they fetch one after the other, because an
 * authorization server that sees a refresh token twice withdraws all that came of it. Files that others could have written are not
 * read.
 */
public final class TokenStore {

    private static final Logger LOG = LoggerFactory.getLogger(TokenStore.class);
    private static final int MAX_BYTES = 256 * 1024;
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(10);
    private static final long TRY_EVERY_MILLIS = 100;

    private final @Nullable Path file;
    private Kept kept = Kept.NOTHING;
    private boolean isUnwritten;

    private TokenStore(@Nullable Path file) {
        this.file = file;
    }

    /** A store that ends with the process. */
    public static TokenStore inMemory() {
        return new TokenStore(null);
    }

    /**
     * A store in a directory, which is made when there is something to keep. Different clients and credentials share no tokens.
     *
     * @param client the identifier of the client; may be empty
     * @param certificate ours; the identity in it counts, which stays when it is renewed
     */
    public static TokenStore in(Path directory, URI server, String client, X509Certificate certificate) {
        String key = String.join("\n", server.toString(), client, identity(certificate));
        return new TokenStore(directory.resolve(Sha256.hex(key.getBytes(StandardCharsets.UTF_8)) + ".json"));
    }

    private static String identity(X509Certificate certificate) {
        try {
            Optional<Identity> name = AlternativeNames.of(certificate).identity();
            if (name.isPresent()) {
                return name.get().getClass().getSimpleName() + ' ' + name.get().text();
            }
        } catch (MalformedDerException e) {
            // No name can be read.
        }
        return PublicKeyPin.of(certificate.getPublicKey()).text();
    }

    /** The present state; nothing when the file is missing or cannot be used. A file that could not be written is older, so it is not read. */
    public synchronized Kept load() {
        if (file == null || isUnwritten || !Files.exists(file)) {
            return kept;
        }
        try {
            Optional<Exposure> exposed = Exposure.ofFile(file).or(() -> Exposure.ofDirectoryOf(file));
            if (exposed.isPresent()) {
                LOG.warn("did not read tokens: {}", exposed.get());
                return kept;
            }
            Optional<Kept> read = KeptJson.read(SmallFiles.readRegular(file, MAX_BYTES));
            if (read.isEmpty()) {
                setAside();
            }
            return read.orElse(kept);
        } catch (IOException e) {
            LOG.warn("cannot read tokens from {}: {}", file, Failures.reason(e));
            return kept;
        }
    }

    /** Renames a file that cannot be used, so that the next token has a file again. Nothing is deleted. */
    public synchronized void setAside() {
        if (file == null) {
            return;
        }
        Path aside = file.resolveSibling(file.getFileName() + ".damaged");
        try {
            Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING);
            LOG.warn("{} is damaged: moved it to {}, which may be deleted; another token is fetched", file, aside);
        } catch (IOException e) {
            LOG.warn("{} is damaged, and cannot be moved: {}; delete it", file, Failures.reason(e));
        }
    }

    /** The file, if there is one. */
    public Optional<Path> file() {
        return Optional.ofNullable(file);
    }

    /** Keeps the state for this process, and in the file; a file that cannot be written is logged. */
    public synchronized void save(Kept changed) {
        kept = changed;
        if (file == null) {
            return;
        }
        try {
            isUnwritten = true;
            OwnedFiles.createDirectories(OwnedFiles.directoryOf(file));
            OwnedFiles.replace(file, KeptJson.write(changed), OwnedFiles.Readers.NONE);
            isUnwritten = false;
        } catch (IOException e) {
            LOG.warn("cannot keep the token in {}: {}; it is used until this process ends", file, Failures.reason(e));
        }
    }

    /** Runs a step while no other process runs one for the same server and client; it waits for them, for ten minutes at most. */
    public <T> T alone(Supplier<T> step) {
        if (file == null) {
            return step.get();
        }
        Path lock = file.resolveSibling(file.getFileName() + ".lock");
        try {
            OwnedFiles.createDirectories(OwnedFiles.directoryOf(lock));
            try (FileChannel channel = OwnedFiles.open(lock)) {
                awaitLock(channel);
                return step.get();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "cannot lock " + lock + ": " + Failures.reason(e)
                            + "; make it and its directory yours, or delete it",
                    e);
        }
    }

    /** Until the channel is closed. */
    private static void awaitLock(FileChannel channel) throws IOException {
        long until = System.nanoTime() + LONGEST_WAIT.toNanos();
        while (System.nanoTime() < until) {
            try {
                if (channel.tryLock() != null) {
                    return;
                }
            } catch (OverlappingFileLockException e) {
                // Another client in this process has it.
            }
            try {
                Thread.sleep(TRY_EVERY_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("it was interrupted", e);
            }
        }
        throw new IOException("another process has held it for " + LONGEST_WAIT.toMinutes() + " minutes");
    }
}
