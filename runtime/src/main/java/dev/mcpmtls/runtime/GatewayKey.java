// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime;

import dev.mcpmtls.files.Exposure;
import dev.mcpmtls.files.OwnedFiles;
import dev.mcpmtls.files.OwnedFiles.Readers;
import dev.mcpmtls.files.SmallFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Objects;

/** The key that seals sessions with upstream servers, made when it is needed for the first time. Replicas of one address share the file. */
final class GatewayKey {

    private static final int BYTES = 32;
    private static final int MAX_FILE = 1024;

    private GatewayKey() {}

    /**
     * Reads the key, or makes it, readable by its owner only.
     *
     * @throws SetupException when it cannot be used, or others could have read or written it
     */
    static byte[] in(Path file) {
        try {
            if (!Files.exists(file)) {
                make(file);
            }
            Exposure.ofFile(file).ifPresent(exposure -> {
                throw new SetupException.NoAccess(
                        "cannot use the key of the gateway: " + exposure, new IOException("exposed"));
            });
            byte[] key = Base64.getDecoder()
                    .decode(new String(SmallFiles.read(file, MAX_FILE), StandardCharsets.US_ASCII).strip());
            if (key.length >= BYTES) {
                return key;
            }
        } catch (IllegalArgumentException e) {
            // Told below.
        } catch (IOException e) {
            throw new SetupException.NoAccess(
                    "cannot use the key of the gateway in " + file + ": " + e.getMessage(), e);
        }
        throw new SetupException.NoAccess(
                file + " holds no key of the gateway, " + BYTES + " bytes in Base64; remove it to have one made",
                new IOException("malformed"));
    }

    private static void make(Path file) throws IOException {
        byte[] key = new byte[BYTES];
        new SecureRandom().nextBytes(key);
        byte[] text = (Base64.getEncoder().encodeToString(key) + '\n').getBytes(StandardCharsets.US_ASCII);
        OwnedFiles.createDirectories(
                Objects.requireNonNull(file.toAbsolutePath().getParent()));
        try {
            OwnedFiles.create(file, text, Readers.NONE);
        } catch (FileAlreadyExistsException made) {
            // Another process was first.
        }
    }
}
