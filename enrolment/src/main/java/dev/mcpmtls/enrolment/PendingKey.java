// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.enrolment;

import dev.mcpmtls.authority.RequestedKey;
import dev.mcpmtls.authority.SigningRequest;
import dev.mcpmtls.authority.Store;
import dev.mcpmtls.files.OwnedFiles;
import dev.mcpmtls.files.SmallFiles;
import dev.mcpmtls.identity.Pem;
import dev.mcpmtls.identity.PrivateKeys;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Supplier;
import javax.security.auth.x500.X500Principal;

/**
 * A key that waits for its first certificate, with its request, in one owner-only file: {@code .joining/ID.pem} in the store, for an
 * invitation or the renewal of a credential.
 */
final class PendingKey {

    private static final int MOST_BYTES = 64 * 1024;
    private final RequestedKey key;
    private final byte[] request;

    private PendingKey(RequestedKey key, byte[] request) {
        this.key = key;
        this.request = request;
    }

    /** The key of an earlier run with the same invitation, else a new one, which is on the disk before this returns. */
    static PendingKey in(Store store, String invitation, Supplier<RequestedKey> generated, String name) {
        Path file = file(store, invitation);
        try {
            if (Files.exists(file)) {
                return load(file, name);
            }
            RequestedKey key = generated.get();
            byte[] request = request(key, name);
            OwnedFiles.createDirectories(OwnedFiles.directoryOf(file));
            byte[] content = content(key, request);
            OwnedFiles.replace(file, content, OwnedFiles.Readers.NONE);
            Arrays.fill(content, (byte) 0);
            return new PendingKey(key, request);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot keep the new key in " + file, e);
        }
    }

    static void forget(Store store, String invitation) {
        Path file = file(store, invitation);
        try {
            Files.deleteIfExists(file);
            Files.deleteIfExists(OwnedFiles.directoryOf(file));
        } catch (java.nio.file.DirectoryNotEmptyException e) {
            return; // another invitation's key is in it
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete " + file, e);
        }
    }

    private static Path file(Store store, String invitation) {
        return store.directory().resolve(".joining").resolve(invitation + ".pem");
    }

    private static byte[] request(RequestedKey key, String name) {
        return key.request(new X500Principal("CN=" + name));
    }

    private static PendingKey load(Path file, String name) throws IOException {
        byte[] content = SmallFiles.read(file, MOST_BYTES);
        try {
            RequestedKey key = RequestedKey.of(
                    PrivateKeys.parse(file, content, new char[0]),
                    SigningRequest.parse(content).key());
            return new PendingKey(key, request(key, name));
        } finally {
            Arrays.fill(content, (byte) 0);
        }
    }

    private static byte[] content(RequestedKey key, byte[] request) {
        byte[] pem = key.pem();
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        content.writeBytes(pem);
        Arrays.fill(pem, (byte) 0);
        content.writeBytes(Pem.encode("CERTIFICATE REQUEST", request));
        return content.toByteArray();
    }

    RequestedKey key() {
        return key;
    }

    /** PKCS#10 in DER. */
    byte[] request() {
        return request.clone();
    }
}
