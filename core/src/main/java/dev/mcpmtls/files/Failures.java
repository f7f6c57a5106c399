// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.files;

import java.io.EOFException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.concurrent.TimeoutException;

/** Words the causes of failed file operations and connections, because Java's own messages are often the path alone. */
public final class Failures {

    private Failures() {}

    /** The reason without the path, for example {@code it does not exist}. */
    public static String reason(Throwable failure) {
        Throwable cause = failure.getCause();
        String told = failure instanceof FileSystemException detailed ? detailed.getReason() : failure.getMessage();
        if (cause != null && cause.toString().equals(told)) {
            return reason(cause);
        }
        return told == null || failure instanceof CharacterCodingException ? ofKind(failure) : told;
    }

    private static String ofKind(Throwable failure) {
        if (failure instanceof NoSuchFileException) {
            return "it does not exist";
        }
        if (failure instanceof AccessDeniedException) {
            return "not permitted to this user (" + System.getProperty("user.name") + ")";
        }
        if (failure instanceof NotDirectoryException || failure instanceof FileAlreadyExistsException) {
            return "it exists, and is not a directory";
        }
        if (failure instanceof DirectoryNotEmptyException) {
            return "the directory is not empty";
        }
        if (failure instanceof FileSystemLoopException) {
            return "its links form a loop";
        }
        if (failure instanceof CharacterCodingException) {
            return "it is not UTF-8 text";
        }
        if (failure instanceof EOFException) {
            return "it ends too early";
        }
        if (failure instanceof ConnectException) {
            return "connection refused";
        }
        if (failure instanceof UnresolvedAddressException) {
            return "no such host";
        }
        if (failure instanceof ClosedChannelException) {
            return "the connection closed";
        }
        if (failure instanceof SocketTimeoutException || failure instanceof TimeoutException) {
            return "it took too long";
        }
        return failure.getCause() != null
                ? reason(failure.getCause())
                : "an unforeseen failure (" + failure.getClass().getSimpleName() + ")";
    }
}
