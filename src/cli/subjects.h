/*
 * The subjects of options, a file for each: setters for the table of actions,
 * what is sealed, and what --explain says. Used inside cli/ only.
 */
#ifndef CLI_SUBJECTS_H
#define CLI_SUBJECTS_H

#include "cli/parse.h"

/* actions.c: the plan's field of the row that is being applied. */
void		*field_of(struct parse *);
const char	*framing_name(enum frame_format);

/* near.c: the near end, servers, framing and chats. */
option_setter	set_exec, set_room, set_access, set_input, set_tag, set_name;
int	seal_tag(struct parse *);
void	seal_concurrent(struct parse *);
int	seal_chat(struct parse *);
int	seal_serve(struct parse *);

/* sockets.c: kinds of sockets and their options, source routes, multicast. */
option_setter	set_raw, set_send_oob, set_hops, set_gateway, set_hop_pointer,
		set_tos, set_rtable, set_sockopt, set_keepalive, set_mcast_join;
extern const char *const	tos_names[];	/* NULL ends */
int	seal_socket(struct parse *);
extern const struct sockopt_row	sockopt_rows[];
extern const size_t		sockopt_nrows;
/* By name in any case of letters; NULL if there is none. */
const struct sockopt_row	*sockopt_named(const char *name, size_t len);
void	sockopt_list(void);

/* proxies.c: proxies, the PROXY protocol, and the proxy server. */
option_setter	set_proxy, set_proxy_kind, set_proxy_login, set_serve_proxy,
		set_target;
/* Takes user:password, or the user alone; copies both. */
int	proxy_take_login(struct parse *, const char *, size_t user);
int	seal_proxy_login(struct parse *);
int	seal_proxy(struct parse *);
bool	proxy_is_inet6(const char *host);
int	seal_proxyp(struct parse *);
int	seal_proxy_server(struct parse *);
void	explain_proxy_server(const struct plan *);
void	explain_proxy(const struct proxy_options *);
void	explain_proxyp(const struct plan *);

/* forward_opts.c: --forward. */
option_setter	set_forward, set_forward_source;
void	seal_targets(struct parse *);
int	seal_forward(struct parse *);
int	forward_check(const struct parse *);
void	explain_copies(const struct plan *);
void	explain_forward(const struct plan *);

/* tls_opts.c: TLS. explain_tls prints what is verified, and against what. */
option_setter	set_tls_ca, set_tls_pin;
int	seal_tls(struct parse *);
void	explain_tls(const struct plan *);

/* fault_opts.c: faults by request. */
option_setter	set_latency, set_rate_limit, set_fault_seed;
int	seal_faults(struct parse *);
void	explain_faults(const struct plan *);

/* files.c: files, descriptors, reports, and the sandbox. */
option_setter	set_peer_fd, set_tcp_info;
/* Refuses an empty name, and "-", which is no file here. */
int	check_file_name(const struct parse *, const char *name);
/*
 * Whether peer or listeners were given as descriptors, so that there are no
 * operands; *rc is then 0 or the exit status.
 */
bool	operands_given(struct parse *, int *rc);
int	seal_files(struct parse *);
int	seal_service(struct parse *);
int	seal_sandbox(struct parse *);

/*
 * told.c: writes a time: "1500ms", "60s". Prints the options that were given
 * and are told in this place: a text before them, and a gap between two.
 */
#define TIME_TEXT_MAX	32
const char	*time_text(int64_t nsec, char buf[TIME_TEXT_MAX]);
void		 explain_told(const struct plan *, enum told,
		    const char *before, const char *gap);

#endif
