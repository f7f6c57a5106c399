// SPDX-License-Identifier: Apache-2.0
/**
 * How does one server behind mutual TLS answer, in either era? On the JDK's HTTP client alone. Start at {@link
 * dev.mcpmtls.bridge.remote.LegacySide} and {@link dev.mcpmtls.bridge.remote.ModernSide}.
 *
 * <p>Messages travel as the text that they came in. Only the envelope is read: which message answers which, and what HTTP wants in
 * headers. {@code LegacySide} keeps a session, {@code ModernSide} mirrors each request in headers. All requests go through {@code
 * Wire.send}, where the head of an answer is seen first.
 *
 * <p>Internal.
 */
@NullMarked
package dev.mcpmtls.bridge.remote;

import org.jspecify.annotations.NullMarked;
