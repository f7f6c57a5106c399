// SPDX-License-Identifier: Apache-2.0
/**
 * Is the endpoint an MCP server by the book? A server with the fixtures that the official conformance suites expect, to be run by
 * {@code acceptance/conformance-server}.
 */
@NullMarked
package dev.mcpmtls.acceptance.conformance;

import org.jspecify.annotations.NullMarked;
